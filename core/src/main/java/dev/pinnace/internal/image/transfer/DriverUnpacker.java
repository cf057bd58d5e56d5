package dev.pinnace.internal.image.transfer;

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
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Unpacks layers into a storage driver. */
public final class DriverUnpacker implements LayerUnpacker {
  private static final int CHUNK = 1 << 16;

  private final StorageDriver driver;
  private final LayerOptions.Ownership ownership;

  /**
   * @param ownership whose the files become: the archive's word needs CAP_CHOWN
   */
  public DriverUnpacker(StorageDriver driver, LayerOptions.Ownership ownership) {
    this.driver = driver;
    this.ownership = ownership;
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
    List<Dir> lowers = new ArrayList<>();
    try (LayerDraft draft = driver.prepare(chainId, parent)) {
      for (Path below : draft.below()) {
        lowers.add(Dir.open(below));
      }
      try (Dir tree = Dir.open(draft.tree())) {
        LayerResult result =
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

  @Override
  public void removeAll(Set<Digest> chainIds) {
    driver.removeAll(chainIds);
  }
}
