/**
 * Layers over each other by the kernel's overlay file system.
 *
 * <p>{@code <chain hex>/diff} is a layer as overlay reads it; {@code l/} holds short symbolic links
 * to those for kernels that want all lower layers in one string; {@code empty/} stands below a
 * single layer where overlay needs two. A container has {@code layer/upper} and {@code layer/work}.
 */
@NullMarked
package dev.pinnace.internal.storage.overlayfs;

import org.jspecify.annotations.NullMarked;
