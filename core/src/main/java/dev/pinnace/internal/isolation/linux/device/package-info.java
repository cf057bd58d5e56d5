/** Which devices a container may use: the rules, and the BPF program that the kernel asks. */
@NullMarked
package dev.pinnace.internal.isolation.linux.device;

import org.jspecify.annotations.NullMarked;
