package dev.pinnace.internal.image;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The names of images: the store's {@code index.json}, read and changed as other processes read and
 * change it. Thread-safe.
 */
final class ImageIndex {
  private final ContentStore content;
  private final ImageReader reader;
  private volatile FoundImages found;

  ImageIndex(ContentStore content, ImageReader reader) {
    this.content = content;
    this.reader = reader;
    this.found = new FoundImages(new byte[0], content.indexFile());
  }

  NameTable names() throws IOException {
    return names(content.readIndex());
  }

  private NameTable names(byte[] index) {
    return NameTable.read(index, content.indexFile());
  }

  /** All images, damaged ones too, in the order in which they came. */
  List<ListedImage> entries() throws IOException {
    List<ListedImage> all = new ArrayList<>();
    for (Map.Entry<Descriptor, List<ImageReference>> entry : names().images().entrySet()) {
      all.add(reader.list(entry.getKey(), entry.getValue()));
    }
    return List.copyOf(all);
  }

  /** An image by name or the beginning of its id; a damaged one too. */
  Optional<ListedImage> entry(String nameOrId) throws IOException {
    return new ImageLookup(names(), reader).find(nameOrId);
  }

  /**
   * What a removal by name or id is about: the image of that name, or all of that id, of which
   * there are several where one configuration is in several manifests.
   */
  List<ListedImage> asked(String nameOrId) throws IOException {
    Optional<ListedImage> image = entry(nameOrId);
    if (image.isEmpty() || !ImageLookup.isById(nameOrId, image.get())) {
      return image.stream().toList();
    }
    return entries().stream().filter(other -> other.id().equals(image.get().id())).toList();
  }

  /** The same, with its documents. */
  Optional<StoredImage> find(String nameOrId) throws IOException {
    return current().find(nameOrId, reader);
  }

  /** Whether an image of that id is listed. */
  boolean has(Digest imageId) throws IOException {
    return current().has(imageId, reader);
  }

  private FoundImages current() throws IOException {
    byte[] index = content.readIndex();
    FoundImages known = found;
    if (!known.areIn(index)) {
      known = new FoundImages(index, content.indexFile());
      found = known;
    }
    return known;
  }

  /** Replaces the names by what {@code change} makes of them, alone among all processes. */
  void change(UnaryOperator<NameTable> change) throws IOException {
    content.updateIndex(bytes -> change.apply(names(bytes)).write());
  }
}
