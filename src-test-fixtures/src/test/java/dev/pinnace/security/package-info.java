/** What a container sees and may do, and that the escapes of the past stay closed. */
@NullMarked
package dev.pinnace.security;

import org.jspecify.annotations.NullMarked;
