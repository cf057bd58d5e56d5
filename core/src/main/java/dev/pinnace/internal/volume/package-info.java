/**
 * Volumes on the disk: one directory each, which is whole or not there (docs/formats.md,
 * <i>Volumes</i>).
 */
@NullMarked
package dev.pinnace.internal.volume;

import org.jspecify.annotations.NullMarked;
