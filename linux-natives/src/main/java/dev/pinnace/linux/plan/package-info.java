/**
 * Launch plans: the system calls between {@code clone} and {@code execve}, as data that the
 * launcher runs.
 */
@NullMarked
package dev.pinnace.linux.plan;

import org.jspecify.annotations.NullMarked;
