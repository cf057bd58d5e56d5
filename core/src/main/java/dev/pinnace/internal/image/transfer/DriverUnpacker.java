package dev.pinnace.internal.image.transfer;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.layer.FilledLayer;
import dev.pinnace.internal.layer.LayerApplier;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.internal.layer.LayerResult;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.StorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unpacks layers into a storage driver. */
public final class DriverUnpacker implements LayerUnpacker {
  private static final Logger LOG = LoggerFactory.getLogger(DriverUnpacker.class);
  private static final int CHUNK = 1 << 16;

  private final StorageDriver driver;
  private final LayerOptions.Ownership ownership;
  private final boolean ahead;
  private final Supplier<Set<Digest>> inUse;

  /**
   * @param ownership whose the files become: the archive's word needs CAP_CHOWN
   * @param inUse the layers on which containers stand, which are not replaced
   */
  public DriverUnpacker(
      StorageDriver driver, LayerOptions.Ownership ownership, Supplier<Set<Digest>> inUse) {
    this.driver = driver;
    this.ownership = ownership;
    this.ahead = driver.preparesAhead();
    this.inUse = inUse;
  }

  @Override
  public boolean has(Digest chainId) {
    return driver.contains(chainId);
  }

  @Override
  public Set<Digest> list() {
    return driver.layers();
  }

  @Override
  public void unpack(Digest chainId, Optional<Digest> parent, InputStream tar) throws IOException {
    refuseToReplaceInUse(chainId);
    List<Dir> lowers = new ArrayList<>();
    LayerResult result;
    try (LayerDraft draft = driver.prepare(chainId, parent)) {
      for (Path below : draft.below()) {
        lowers.add(Dir.open(below));
      }
      try (Dir tree = Dir.open(draft.tree())) {
        result =
            LayerApplier.apply(
                tar,
                tree,
                LayerOptions.defaults()
                    .withOwnership(ownership)
                    .withLowers(lowers)
                    .withWhiteouts(style(draft)));
        draft.size(result.contentBytes());
      }
      drain(tar);
      draft.commit();
    } finally {
      lowers.forEach(Dir::close);
    }
    LayerLosses.warn(chainId, result);
  }

  @Override
  public boolean fillsAhead() {
    return ahead;
  }

  @Override
  public void sync() {
    driver.sync();
  }

  @Override
  public Filled fill(Digest chainId, Optional<Digest> parent, InputStream tar) throws IOException {
    refuseToReplaceInUse(chainId);
    LayerDraft draft = driver.prepareAhead(chainId, parent);
    Dir tree = null;
    try {
      tree = Dir.open(draft.tree());
      FilledLayer layer =
          LayerApplier.fill(
              tar,
              tree,
              LayerOptions.defaults().withOwnership(ownership).withWhiteouts(style(draft)));
      drain(tar);
      return new FilledDraft(chainId, draft, tree, layer);
    } catch (IOException | RuntimeException | Error failure) {
      if (tree != null) {
        tree.close();
      }
      draft.close();
      throw failure;
    }
  }

  /** A damaged layer is replaced, but not under containers, which may have it mounted. */
  private void refuseToReplaceInUse(Digest chainId) {
    if (isDamaged(chainId) && inUse.get().stream().anyMatch(top -> mayStandOn(top, chainId))) {
      throw new ConflictException(
          "layer "
              + chainId
              + " is damaged, and containers use it: remove the containers of its images, then"
              + " load or pull the image again");
    }
  }

  /** Asked of that layer alone: there may be thousands of others. */
  private boolean isDamaged(Digest chainId) {
    try {
      Optional<Digest> unused = driver.parent(chainId);
      return false;
    } catch (NotFoundException none) {
      return false;
    } catch (CorruptException damage) {
      LOG.debug("layer {} will be replaced", chainId, damage);
      return true;
    }
  }

  private boolean mayStandOn(Digest top, Digest chainId) {
    try {
      Optional<Digest> layer = Optional.of(top);
      while (layer.isPresent() && !layer.get().equals(chainId)) {
        layer = driver.parent(layer.get());
      }
      return layer.isPresent();
    } catch (CorruptException | NotFoundException unknown) {
      LOG.debug("what layer {} stands on is not known", top, unknown);
      return true;
    }
  }

  private static LayerOptions.Whiteouts style(LayerDraft draft) {
    return switch (draft.whiteouts()) {
      case OVERLAY -> LayerOptions.Whiteouts.OVERLAY;
      case OVERLAY_USER -> LayerOptions.Whiteouts.OVERLAY_USER;
      case REMOVE -> LayerOptions.Whiteouts.REMOVE;
    };
  }

  /** What follows the archive's end mark is part of the layer's digest; its end is verified. */
  private static void drain(InputStream tar) throws IOException {
    byte[] rest = new byte[CHUNK];
    int got;
    do {
      got = tar.read(rest, 0, rest.length);
    } while (got >= 0);
  }

  @Override
  public OptionalLong size(Digest chainId) {
    return driver.size(chainId);
  }

  /** The length of its files, which was recorded, or else what walking them tells. */
  @Override
  public long space(Digest chainId) {
    try {
      return driver.size(chainId).orElseGet(() -> driver.usage(chainId).bytes());
    } catch (NotFoundException gone) {
      return 0;
    } catch (CorruptException damaged) {
      LOG.debug("layer {} is damaged and not measured", chainId, damaged);
      return 0;
    }
  }

  @Override
  public long removeAll(Set<Digest> chainIds) {
    Vanished vanished = vanish(chainIds);
    vanished.files().run();
    return vanished.bytes();
  }

  @Override
  public Vanished vanish(Set<Digest> chainIds) {
    Map<Digest, Long> sizes = new HashMap<>();
    chainIds.forEach(layer -> sizes.put(layer, space(layer)));
    Runnable files = driver.vanish(chainIds);
    sizes.keySet().removeIf(driver::contains);
    return new Vanished(sizes.values().stream().mapToLong(Long::longValue).sum(), files);
  }
}
