/**
 * cgroup v2: where an engine's containers live in the tree, and their limits (kernel:
 * Documentation/admin-guide/cgroup-v2.rst).
 */
@NullMarked
package dev.pinnace.internal.isolation.linux.cgroup;

import org.jspecify.annotations.NullMarked;
