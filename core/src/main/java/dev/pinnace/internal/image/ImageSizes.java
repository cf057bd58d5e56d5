package dev.pinnace.internal.image;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.spec.Digest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What images take on the disk. Measures every blob and layer once. For one thread. */
public final class ImageSizes {
  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageReader reader;
  private final Map<Digest, Long> layers = new HashMap<>();
  private final Map<Digest, Long> blobs = new HashMap<>();

  ImageSizes(ContentStore content, LayerUnpacker unpacker, ImageReader reader) {
    this.content = content;
    this.unpacker = unpacker;
    this.reader = reader;
  }

  /** The digests of all blobs and the chain IDs of all layers that an image needs. */
  public Set<Digest> parts(ListedImage image) {
    return Guard.guarded(
        "measure image " + image.id().shortHex(),
        () -> {
          Set<Digest> parts = new HashSet<>();
          reader.reach(image.target(), parts);
          return parts;
        });
  }

  /** What the unpacked layers among {@code parts} take together, in bytes. */
  public long layers(Set<Digest> parts) {
    return parts.stream().mapToLong(part -> layers.computeIfAbsent(part, unpacker::space)).sum();
  }

  /**
   * What the blobs among {@code parts} take together, in bytes. An uncompressed bottom layer has
   * one name as a blob and as a layer.
   */
  public long blobs(Set<Digest> parts) {
    return parts.stream().mapToLong(this::blob).sum();
  }

  /** How many of {@code parts} are blobs that are here. */
  public int count(Set<Digest> parts) {
    return (int) parts.stream().filter(content::has).count();
  }

  private long blob(Digest part) {
    return blobs.computeIfAbsent(
        part,
        missing ->
            Guard.guarded("measure " + part, () -> content.has(part) ? content.size(part) : 0L));
  }

  /** What cancelled and running transfers have received and not published, in bytes. */
  public long unfinished() {
    return Guard.guarded("measure what is unfinished", content::unfinished);
  }
}
