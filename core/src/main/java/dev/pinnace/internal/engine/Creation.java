package dev.pinnace.internal.engine;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.container.ConfigFactory;
import dev.pinnace.internal.container.EtcFiles;
import dev.pinnace.internal.container.HealthResolution;
import dev.pinnace.internal.container.Hostname;
import dev.pinnace.internal.container.MountPlaces;
import dev.pinnace.internal.container.Users;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NamespaceSpec.UserMap;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.RootMount;
import dev.pinnace.spi.storage.SnapshotTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes containers: checks first, then creates, and undoes everything when something fails.
 * Thread-safe.
 */
final class Creation {
  private static final Logger LOG = LoggerFactory.getLogger(Creation.class);

  private final Parts parts;
  private final Naming naming;
  private final Pulls pulls;
  private final Sharing sharing;
  private final ContainerLinks links;
  private final ContainerVolumes volumes;
  private final DriverMounts drivers;
  private final MountResolution mounts;
  private final UsersByLayer usersByLayer = new UsersByLayer();

  Creation(
      Parts parts,
      Naming naming,
      Pulls pulls,
      ContainerFinder finder,
      Sharing sharing,
      ContainerLinks links,
      ContainerVolumes volumes,
      DriverMounts drivers) {
    this.parts = parts;
    this.naming = naming;
    this.pulls = pulls;
    this.sharing = sharing;
    this.links = links;
    this.volumes = volumes;
    this.drivers = drivers;
    this.mounts =
        new MountResolution(
            parts.volumes(), name -> finder.find(name).flatMap(parts.store()::read));
  }

  /**
   * A container whose directories are made and whose lock is held; not yet recorded. It is closed
   * when the record is written: then others may change the container, and the record keeps the
   * layers of its image.
   *
   * @param record what is to be written
   * @param mount its root file system
   * @param lock on it
   * @param lease on the layers of its image
   * @param volumes that it has
   */
  record Made(
      ContainerRecord record,
      RootMount mount,
      LockFile lock,
      Lease lease,
      ContainerVolumes.Held volumes)
      implements AutoCloseable {
    @Override
    public void close() {
      try (lock;
          lease) {
        volumes.close();
      }
    }
  }

  /** Makes everything but the record; pulls the image if it is to be. */
  Made make(ContainerSpec spec) {
    return make(spec, volumes::make);
  }

  private interface VolumeMaking {
    ContainerVolumes.Held make(ContainerRecord record, ContainerLayer layer);
  }

  private Made make(ContainerSpec spec, VolumeMaking making) {
    ImageStore.Leased leased = pulls.lease(spec);
    try {
      warn(spec, leased.image());
      return make(spec, leased.image(), leased.lease(), making);
    } catch (RuntimeException | Error e) {
      Closing.undo(e, () -> release(leased.image().id(), leased.lease()));
      throw e;
    }
  }

  /** Has the layers here that a container stands on, as far as they can be had. */
  void restoreLayers(ContainerRecord record) {
    pulls.restore(record);
  }

  /** An image that was removed by force while a container was to be made of it goes now. */
  private void release(Digest imageId, Lease lease) {
    lease.close();
    parts.images().release(Optional.of(imageId), () -> {});
  }

  private static void warn(ContainerSpec spec, StoredImage image) {
    ImageFit.check(spec.image(), image.config());
    ImageFit.platform(spec.image(), image.config()).ifPresent(LOG::warn);
  }

  private Made make(ContainerSpec spec, StoredImage image, Lease lease, VolumeMaking making) {
    ContainerId id = Names.id();
    ContainerStore store = parts.store();
    LockFile lock = store.begin(id);
    Optional<String> name = Optional.empty();
    try {
      List<Mount> mounted = mounts.of(spec, image.config());
      FaultPoints.reached("mounts resolved");
      ContainerNetworks.check(parts, spec);
      checkPlaces(mounted, image.topLayer());
      ContainerRecord unnamed = describe(spec, mounted, image, id);
      name = Optional.of(naming.take(spec.name(), id));
      ContainerRecord record = unnamed.named(name.get());
      record.spec().namespaces().networks().forEach(network -> parts.networks().claim(network, id));
      Files.createDirectory(store.place(id, !spec.lifecycle().autoRemove()).logs());
      ContainerLayer layer =
          parts.storage().create(store.layer(id), image.topLayer(), options(spec));
      requireEnforceable(record, layer.mount());
      parts.isolation().check(Requests.of(parts, record, layer.mount()));
      return new Made(record, layer.mount(), lock, lease, making.make(record, layer));
    } catch (IOException e) {
      UncheckedIOException failure =
          new UncheckedIOException("cannot make the directories of container " + id.shortHex(), e);
      undo(failure, id, name, lock);
      throw failure;
    } catch (RuntimeException | Error e) {
      undo(e, id, name, lock);
      throw e;
    }
  }

  private ContainerLayerOptions options(ContainerSpec spec) {
    if (spec.layerLimit().isPresent() && !parts.ids()) {
      throw new UnsupportedException(
          "a size limit on a container's files",
          "an ordinary user cannot set quotas",
          "run the JVM as root, or write to a tmpfs, which has a size of its own");
    }
    ContainerLayerOptions options =
        ContainerLayerOptions.DEFAULTS.withVolatileSync(spec.lifecycle().autoRemove());
    return spec.layerLimit().map(limit -> options.withSizeLimit(limit.count())).orElse(options);
  }

  /** An overlay writes without that capability, whoever writes to it; nothing else does. */
  private static void requireEnforceable(ContainerRecord record, RootMount mount) {
    boolean above =
        record.config().process().capabilities().bounding().contains("CAP_SYS_RESOURCE")
            && record.spec().namespaces().userMap().isEmpty();
    if (record.spec().layerLimit().isPresent() && above && mount instanceof RootMount.Bind) {
      throw new UnsupportedException(
          "a size limit on the files of a container with CAP_SYS_RESOURCE",
          "without an overlay the kernel lets it write beyond any quota",
          "leave out that capability (or --privileged), or give the container a user map");
    }
  }

  /** An ordinary user cannot look into an image without a container of it. */
  private void checkPlaces(List<Mount> mounted, Optional<Digest> topLayer) {
    if (mounted.isEmpty() || topLayer.isEmpty() || !parts.ids()) {
      return;
    }
    try (SnapshotTree view = parts.storage().view(topLayer.get());
        Dir root = Dir.open(view.path())) {
      MountPlaces.check(root, mounted);
    }
  }

  private void undo(Throwable reason, ContainerId id, Optional<String> name, LockFile lock) {
    Closing.undo(reason, () -> undo(id, name, lock));
  }

  private void undo(ContainerId id, Optional<String> name, LockFile lock) {
    try (lock) {
      drivers.release(id);
      parts
          .store()
          .remove(
              id,
              name,
              () -> {
                parts.storage().delete(parts.store().layer(id));
                volumes.removeListed(id);
                parts.networks().release(id);
              });
    }
  }

  /** Makes a container, but no volumes, has it explained, and takes everything back. */
  String explain(ContainerSpec spec) {
    Made made = make(spec, (record, layer) -> ContainerVolumes.Held.NONE);
    String explained;
    try {
      explained = parts.isolation().explain(Requests.of(parts, made.record(), made.mount()));
    } catch (RuntimeException | Error e) {
      Closing.undo(e, () -> takeBack(made));
      throw e;
    }
    takeBack(made);
    return explained;
  }

  /** Undoes the making, whose lock and lease go too. */
  void takeBack(Made made) {
    ContainerRecord record = made.record();
    made.volumes().close();
    try {
      undo(record.id(), Optional.of(record.name()), made.lock());
    } finally {
      release(record.imageId(), made.lease());
    }
  }

  private ContainerRecord describe(
      ContainerSpec asked, List<Mount> mounted, StoredImage image, ContainerId id) {
    ContainerSpec spec = links.byId(sharing.byId(asked));
    ConfigFactory factory =
        new ConfigFactory(
            spec.withMounts(mounted).withNamespaces(sharing.effective(spec.namespaces())),
            image.config().config(),
            parts.capabilities(),
            parts.ids());
    if (factory.needsUsers() && !parts.ids()) {
      throw new UnsupportedException(
          "user " + factory.user(),
          "an ordinary user has one id to give, which is root in the container",
          "run the container as root, which here is this user, or the JVM as root");
    }
    Users.Identity identity =
        factory.needsUsers()
            ? users(image.topLayer())
                .resolve(factory.user(), spec.process().groups(), spec.namespaces().userMap())
            : root(image.topLayer(), factory.user(), spec.namespaces().userMap());
    RuntimeConfig config = factory.create(id, identity);
    return new ContainerRecord(
        id,
        "",
        image.id(),
        image.topLayer(),
        spec.withoutPreparation().withLabels(labels(spec, image)),
        mounted,
        config,
        factory.stopSignal(),
        HealthResolution.of(spec.health(), image.config().config()),
        Instant.now(),
        false,
        false,
        PublishedPorts.chosen(spec.namespaces(), image.config().config()),
        Optional.empty());
  }

  /** Those of the image too; its own say more. */
  private static Map<String, String> labels(ContainerSpec spec, StoredImage image) {
    Map<String, String> labels = new LinkedHashMap<>(image.config().config().labels());
    labels.putAll(spec.labels());
    return labels;
  }

  /** Root has the groups that the image gives it; one whose files cannot be read gives none. */
  private Users.Identity root(Optional<Digest> topLayer, String user, Optional<UserMap> map) {
    if (!parts.ids()) {
      return Users.Identity.ONLY_ROOT;
    }
    if (topLayer.isEmpty() || user.equals("0:0")) {
      return Users.Identity.ROOT;
    }
    try {
      return users(topLayer).resolve("0", List.of(), map);
    } catch (InvalidSpecException unreadable) {
      LOG.debug("root gets no groups of the image", unreadable);
      return Users.Identity.ROOT;
    }
  }

  private Users users(Optional<Digest> topLayer) {
    if (topLayer.isEmpty()) {
      throw new InvalidSpecException(
          "the image has no files, so no users can be looked up in it: run as root, 0");
    }
    return usersByLayer.get(
        topLayer.get(),
        chainId -> {
          try (SnapshotTree view = parts.storage().view(chainId);
              Dir root = Dir.open(view.path())) {
            return Users.in(root);
          }
        });
  }

  /**
   * Before a start: has its volumes ready, and writes the files for /etc anew, for the host's name
   * and name servers may be others by now. Who shares the network of another container has that
   * one's files, if it has been started.
   */
  void refresh(ContainerRecord record) {
    volumes.ready(record);
    Path directory = parts.layout().container(record.id());
    if (!hasFilesOfAnother(record, directory)) {
      if (record.spec().namespaces().networkOf().isPresent()) {
        EtcFiles.unlink(directory); // the other one is gone, and others may have its files
      }
      NamespaceSpec namespaces = sharing.named(record);
      EtcFiles.write(
          directory,
          Hostname.of(record.id(), namespaces),
          namespaces,
          ContainerEndpoints.gateway(parts.networks(), record));
      if (record.spec().layerLimit().isPresent()) {
        parts.storage().open(parts.store().layer(record.id())).include(EtcFiles.files(directory));
      }
    }
  }

  private boolean hasFilesOfAnother(ContainerRecord record, Path directory) {
    return record
        .spec()
        .namespaces()
        .networkOf()
        .map(other -> parts.layout().container(new ContainerId(other)))
        .filter(shared -> EtcFiles.share(shared, directory))
        .isPresent();
  }
}
