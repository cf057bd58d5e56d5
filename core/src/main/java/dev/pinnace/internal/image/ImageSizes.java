package dev.pinnace.internal.image;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What images take on the disk. Measures every blob and layer once. For one thread. */
public final class ImageSizes {
  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageReader reader;
  private final Map<Digest, Long> measured = new HashMap<>();

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

  /** What {@code parts} take together, in bytes. */
  public long of(Set<Digest> parts) {
    return parts.stream().mapToLong(part -> measured.computeIfAbsent(part, this::measure)).sum();
  }

  /** An uncompressed bottom layer has one name as a blob and as a layer. */
  private long measure(Digest part) {
    return Guard.guarded("measure " + part, () -> blob(part)) + unpacker.space(part);
  }

  private long blob(Digest part) throws IOException {
    return content.has(part) ? content.size(part) : 0;
  }

  /** What cancelled and running transfers have received and not published, in bytes. */
  public long unfinished() {
    return Guard.guarded("measure what is unfinished", content::unfinished);
  }
}
