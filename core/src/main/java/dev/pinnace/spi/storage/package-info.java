/**
 * The contract between the engine and what keeps image layers and containers' writable layers on a
 * disk.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>layer
 *   <dd>One step of an image, unpacked. It is named by its <i>chain ID</i> (image-spec, <i>Layer
 *       ChainID</i>), so its parents are fixed by its name. A layer never changes.
 *   <dt>parent
 *   <dd>The layer that a layer or a container stands on; a bottom layer has none.
 *   <dt>draft
 *   <dd>A layer that is being filled. Nobody else sees it until it is committed.
 *   <dt>container layer
 *   <dd>What one container writes, above the layers of its image. It lives in the container's own
 *       directory.
 *   <dt>mount
 *   <dd>How the files of a container become a root file system: a description, made by the driver,
 *       carried out by the isolation backend inside the container's mount namespace. A driver never
 *       attaches a mount on the host.
 *   <dt>tree
 *   <dd>A directory through which this process reads (and, for a container that does not run,
 *       writes) the same files.
 * </dl>
 *
 * <h2>One life</h2>
 *
 * <pre>{@code
 * StorageDriver driver = provider.open(root.resolve("layers/overlayfs"), StorageOptions.DEFAULTS);
 * driver.recover();                                       // what killed processes left behind
 *
 * if (!driver.contains(base)) {                           // pull: bottom layer first
 *   try (LayerDraft draft = driver.prepare(base, Optional.empty())) {
 *     apply(tar, draft.tree(), draft.below(), draft.whiteouts());
 *     verify(digest, diffId);
 *     draft.commit();                                     // without it, close() leaves nothing
 *   }
 * }
 * try (LayerDraft draft = driver.prepare(top, Optional.of(base))) { ... draft.commit(); }
 *
 * ContainerLayer layer = driver.create(containers.resolve(id), Optional.of(top), options);
 * try (SnapshotTree tree = layer.openTree()) { ... }      // look up users before the start, cp
 * RootMount mount = layer.mount();                        // goes into the launch plan
 * ...                                                     // the container runs and ends
 * diff(layer.changes());                                  // commit, build
 * driver.delete(containers.resolve(id));
 *
 * driver.remove(top);                                     // collection: children before parents
 * driver.remove(base);
 * }</pre>
 *
 * <h2>Rules</h2>
 *
 * <ul>
 *   <li>Drivers are safe for use by many threads, and many processes may have one directory open.
 *       Drafts, container layers and trees belong to one thread at a time.
 *   <li>Whoever calls {@code create}, {@code open} or {@code delete} for a container, or opens its
 *       tree for writing, holds that container's lock; a writable layer has one user at a time.
 *   <li>A killed process leaves either the whole of a layer or container layer or nothing that
 *       anybody sees; {@link dev.pinnace.spi.storage.StorageDriver#recover} removes the rest.
 *   <li>A driver knows nothing of images, containers or the engine, nor of another driver.
 *   <li>Errors are {@link dev.pinnace.error.PinnaceException}s by what the caller can do: {@link
 *       dev.pinnace.error.NotFoundException} for an unknown layer, {@link
 *       dev.pinnace.error.ConflictException} for one that is in use or there already, {@link
 *       dev.pinnace.error.UnsupportedException} where this host or this driver cannot do it, {@link
 *       dev.pinnace.error.CorruptException} for stored files that make no sense.
 * </ul>
 */
@NullMarked
package dev.pinnace.spi.storage;

import org.jspecify.annotations.NullMarked;
