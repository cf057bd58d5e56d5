/**
 * cgroup v2: where an engine's containers live in the tree, their limits, and what they used
 * (kernel: Documentation/admin-guide/cgroup-v2.rst).
 */
@NullMarked
package dev.pinnace.internal.isolation.linux.cgroup;

import org.jspecify.annotations.NullMarked;
