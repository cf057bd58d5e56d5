/**
 * Directories, files and mounts by descriptor: openat2, statx, extended attributes, locks, detached
 * mounts.
 */
@NullMarked
package dev.pinnace.linux.file;

import org.jspecify.annotations.NullMarked;
