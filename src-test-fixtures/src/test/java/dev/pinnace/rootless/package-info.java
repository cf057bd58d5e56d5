/** Pinnace as an ordinary user: one id, a user namespace of its own, no privileges of the host. */
@NullMarked
package dev.pinnace.rootless;

import org.jspecify.annotations.NullMarked;
