package dev.pinnace.oci;

import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an image is and how a container of it starts (image-spec, <i>Image Configuration</i>). The
 * digest of its bytes is the image's id.
 *
 * @param created when the image was made
 * @param author who made it
 * @param platform what it runs on
 * @param config how a container starts
 * @param diffIds the digests of the uncompressed layers, lowest first ({@code rootfs.diff_ids})
 * @param history how the image was made, oldest first
 */
public record ImageConfig(
    Optional<Instant> created,
    Optional<String> author,
    Platform platform,
    ExecutionConfig config,
    List<Digest> diffIds,
    List<History> history) {
  public ImageConfig {
    diffIds = List.copyOf(diffIds);
    history = List.copyOf(history);
  }

  /**
   * One step of how an image was made.
   *
   * @param created when
   * @param createdBy the command
   * @param author who
   * @param comment free text
   * @param emptyLayer whether the step made no layer
   */
  public record History(
      Optional<Instant> created,
      String createdBy,
      String author,
      String comment,
      boolean emptyLayer) {}

  /**
   * The chain IDs of the layers, lowest first: each names a layer together with all below it
   * (image-spec, <i>Layer ChainID</i>).
   */
  public List<Digest> chainIds() {
    List<Digest> chain = new ArrayList<>(diffIds.size());
    for (Digest diffId : diffIds) {
      chain.add(
          chainId(
              chain.isEmpty() ? Optional.empty() : Optional.of(chain.get(chain.size() - 1)),
              diffId));
    }
    return List.copyOf(chain);
  }

  /**
   * Whether this one was made on {@code other}, as by a build or {@link
   * dev.pinnace.Container#commit}: it has all of its layers and its history, in their places, and
   * something on top. Nothing was made on an image without layers.
   */
  public boolean isMadeOn(ImageConfig other) {
    Objects.requireNonNull(other, "other");
    return !other.diffIds.isEmpty()
        && begins(diffIds, other.diffIds)
        && begins(history, other.history)
        && (diffIds.size() > other.diffIds.size() || history.size() > other.history.size());
  }

  private static boolean begins(List<?> whole, List<?> first) {
    return whole.size() >= first.size() && whole.subList(0, first.size()).equals(first);
  }

  /**
   * The chain ID of one layer.
   *
   * @param parent that of the layer below; empty for a bottom layer
   */
  public static Digest chainId(Optional<Digest> parent, Digest diffId) {
    return parent.map(below -> sha256(below + " " + diffId)).orElse(diffId);
  }

  private static Digest sha256(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return new Digest(
          HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.US_ASCII))));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
