package dev.pinnace.internal.image;

import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Images that were looked up in one content of the store's {@code index.json}. As long as the file
 * holds the same bytes, whoever writes it, each lookup has the same answer, for the index names
 * everything else by digest. Thread-safe.
 */
final class FoundImages {
  private static final int MOST = 256;

  private final byte[] index;
  private final Path file;
  private final Map<String, StoredImage> byRequest = new ConcurrentHashMap<>();
  private final Set<Digest> ids = ConcurrentHashMap.newKeySet();

  FoundImages(byte[] index, Path file) {
    this.index = index.clone();
    this.file = file;
  }

  /** Whether they were looked up in an index of these bytes. */
  boolean areIn(byte[] current) {
    return Arrays.equals(index, current);
  }

  Optional<StoredImage> find(String nameOrId, ImageReader reader) throws IOException {
    StoredImage known = byRequest.get(nameOrId);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<ListedImage> listed =
        new ImageLookup(NameTable.read(index, file), reader).find(nameOrId);
    if (listed.isEmpty()) {
      return Optional.empty();
    }
    Optional<StoredImage> found =
        Optional.of(reader.read(listed.get().target(), listed.get().names()));
    ids.add(found.get().id());
    if (byRequest.size() < MOST) {
      byRequest.put(nameOrId, found.get());
    }
    return found;
  }

  /** Whether an image of that id is listed. All are read only where one is asked for in vain. */
  boolean has(Digest id, ImageReader reader) throws IOException {
    if (!ids.contains(id)) {
      for (Map.Entry<Descriptor, List<ImageReference>> entry :
          NameTable.read(index, file).images().entrySet()) {
        ids.add(reader.list(entry.getKey(), entry.getValue()).id());
      }
    }
    return ids.contains(id);
  }
}
