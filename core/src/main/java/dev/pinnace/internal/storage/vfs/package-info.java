/**
 * Full copies, for where nothing better works: {@code <chain hex>/tree} holds a layer with
 * everything below it, a container has {@code layer/root}. Blocks are shared where the file system
 * can (reflink).
 */
@NullMarked
package dev.pinnace.internal.storage.vfs;

import org.jspecify.annotations.NullMarked;
