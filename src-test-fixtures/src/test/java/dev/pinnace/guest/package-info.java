/** Containers on a host with cgroup v2 and a stock kernel: what runs in the virtual machine. */
@NullMarked
package dev.pinnace.guest;

import org.jspecify.annotations.NullMarked;
