/**
 * HTTP/1.1 (RFC 9112) on blocking, interruptible channels: no thread of its own, a body read
 * straight into its reader's array, and a time limit for silence only.
 */
@NullMarked
package dev.pinnace.internal.image.registry.http;

import org.jspecify.annotations.NullMarked;
