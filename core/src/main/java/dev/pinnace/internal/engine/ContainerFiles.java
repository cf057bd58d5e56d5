package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.build.instruction.ConfigChanges;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.durable.OutputPath;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.assembly.Commit;
import dev.pinnace.internal.image.layout.LoadedImage;
import dev.pinnace.internal.layer.LayerDiff;
import dev.pinnace.internal.layer.LayerView;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.internal.layer.TreeArchive;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.Change;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spi.isolation.RunningContainer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exports, commits and lists of changes of containers. None takes the container's lock, which
 * whoever starts or removes it would have to wait for: what happened meanwhile is found out at the
 * end. Thread-safe.
 */
final class ContainerFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerFiles.class);
  private static final int BUFFER = 1 << 18;

  private final Parts parts;
  private final LiveContainers live;
  private final ContainerLookup lookup;

  ContainerFiles(Parts parts, LiveContainers live, ContainerLookup lookup) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
  }

  /** Writes all files as a tar. */
  void export(ContainerId id, OutputStream out) {
    export(id, record -> export(record, out));
  }

  /** Writes all files as a tar to a file. */
  void export(ContainerId id, Path file) {
    export(id, record -> OutputPath.file(file, out -> export(record, out)));
  }

  private interface Export {
    void of(ContainerRecord record) throws IOException;
  }

  private void export(ContainerId id, Export export) {
    ContainerRecord record = lookup.record(id);
    try {
      export.of(record);
    } catch (IOException failure) {
      throw explained(
          record, new UncheckedIOException("cannot export container " + record.name(), failure));
    } catch (RuntimeException failure) {
      throw explained(record, failure);
    }
  }

  private void export(ContainerRecord record, OutputStream out) throws IOException {
    try (Lease lease = parts.images().content().lease(layers(record));
        LayerView view = view(record)) {
      OutputStream buffered = new BufferedOutputStream(out, BUFFER);
      try (TarWriter tar = new TarWriter(buffered)) {
        TreeArchive.write(view, tar);
        refuseIfRemoved(record);
      }
    } finally {
      parts.images().release(Optional.of(record.imageId()), () -> {});
    }
  }

  /** What it has changed of its image's files. */
  List<Change> diff(ContainerId id) {
    ContainerRecord record = lookup.record(id);
    try (Lease lease = parts.images().content().lease(layers(record));
        LayerView view = view(record)) {
      List<Change> changes = LayerDiff.list(view, mountPoints(record));
      refuseIfRemoved(record);
      return changes;
    } catch (IOException failure) {
      throw explained(
          record,
          new UncheckedIOException(
              "cannot tell what container " + record.name() + " has changed", failure));
    } catch (RuntimeException failure) {
      throw explained(record, failure);
    } finally {
      parts.images().release(Optional.of(record.imageId()), () -> {});
    }
  }

  private static Set<dev.pinnace.spec.Digest> layers(ContainerRecord record) {
    return record.topLayer().map(Set::of).orElse(Set.of());
  }

  private LayerView view(ContainerRecord record) {
    return LayerView.open(
        parts.storage().open(parts.store().layer(record.id())).changes(),
        ContainerIds.written(parts, record),
        ContainerIds.stored(parts));
  }

  private void refuseIfRemoved(ContainerRecord record) {
    if (!parts.store().isRecorded(record.id())) {
      throw removed(record, null);
    }
  }

  private static ConflictException removed(ContainerRecord record, @Nullable Throwable cause) {
    return new ConflictException(
        "container " + record.name() + " was removed while its files were read", cause);
  }

  /** The files of a container that is removed vanish under whoever reads them, one by one. */
  private RuntimeException explained(ContainerRecord record, RuntimeException failure) {
    boolean expected =
        failure instanceof CancelledException || failure instanceof ConflictException;
    return expected || parts.store().isRecorded(record.id()) ? failure : removed(record, failure);
  }

  /** Makes an image. */
  StoredImage commit(ContainerId id, CommitSpec spec) {
    ContainerRecord record = lookup.record(id);
    List<ImageReference> names = Imports.names(spec.reference().orElse(""));
    StoredImage base =
        parts
            .images()
            .find(record.imageId().toString())
            .orElseThrow(
                () ->
                    new NotFoundException(
                        "the image of container "
                            + record.name()
                            + ", "
                            + record.imageId().shortHex()
                            + ", is not here any more: load or pull it again, or export the"
                            + " container"));
    ExecutionConfig config = CommittedConfig.of(base.config().config(), record.spec());
    Commit commit =
        new Commit(
            record.name(),
            base.manifest(),
            base.config(),
            config.cmd(),
            ConfigChanges.apply(config, spec.changes()),
            spec);
    try {
      return parts
          .images()
          .add(
              "commit container " + record.name(),
              ingest ->
                  List.of(
                      new LoadedImage(
                          commit.take(ingest, tar -> changes(record, spec.pause(), tar)), names)))
          .get(0);
    } catch (RuntimeException failure) {
      throw explained(record, failure);
    }
  }

  /** Writes the changes; answers whether there are any. */
  private boolean changes(ContainerRecord record, boolean pause, OutputStream out)
      throws IOException {
    Optional<RunningContainer> running = live.find(record.id(), lookup.place(record));
    try (BriefPause paused =
            pause && running.isPresent()
                ? BriefPause.of(parts.store(), record, running.get())
                : BriefPause.NONE;
        LayerView view = view(record);
        TarWriter tar = new TarWriter(out)) {
      LayerDiff.Result result = LayerDiff.write(view, mountPoints(record), tar);
      refuseIfRemoved(record);
      refuseIfStarted(record, running);
      if (!result.unfit().isEmpty()) {
        LOG.warn(
            "the image of container {} lacks files whose names begin with .wh., which mark"
                + " deletions in layers: {}",
            record.name(),
            result.unfit());
      }
      return result.entries() > 0;
    }
  }

  /** A stopped container stands still by itself, unless somebody starts it. */
  private void refuseIfStarted(ContainerRecord record, Optional<RunningContainer> before) {
    if (before.isEmpty() && live.find(record.id(), lookup.place(record)).isPresent()) {
      throw new ConflictException(
          "container " + record.name() + " was started while its files were read: try again");
    }
  }

  /** Where something is mounted, relative to the root. */
  private static Set<String> mountPoints(ContainerRecord record) {
    return record.config().mounts().stream()
        .map(RuntimeConfig.Mount::destination)
        .map(destination -> destination.substring(1))
        .collect(Collectors.toSet());
  }
}
