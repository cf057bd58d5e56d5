package dev.pinnace.internal.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.internal.image.json.IndexDocument;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageIndex;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The store's {@code index.json} as a table from names to images. An image has one entry per name,
 * or one without a name when it has none; an index that was taken in for several platforms is as
 * many images. What other programs have entered stays as it is. Immutable: each change gives a new
 * table.
 */
final class NameTable {
  private final ImageIndex index;
  private final List<JsonNode> foreign;

  private NameTable(IndexDocument document) {
    this.index = document.index();
    this.foreign = document.foreign();
  }

  /**
   * Reads the table.
   *
   * @param file where {@code bytes} come from, for messages
   * @throws CorruptException if it is damaged, with what to do
   */
  static NameTable read(byte[] bytes, Path file) {
    try {
      return new NameTable(ImageJson.readWholeIndex(bytes, file.toString()));
    } catch (CorruptException damage) {
      throw new CorruptException(
          damage.getMessage()
              + "; restore this list of images, or delete it and load the images again: containers"
              + " keep theirs",
          damage);
    }
  }

  byte[] write() {
    return ImageJsonWriter.write(new IndexDocument(index, foreign));
  }

  /** Images with their names, in the order of the file; entries of other things are left alone. */
  Map<Descriptor, List<ImageReference>> images() {
    Map<Descriptor, List<ImageReference>> images = new LinkedHashMap<>();
    for (Descriptor entry : index.manifests()) {
      if (!isImage(entry)) {
        continue;
      }
      List<ImageReference> names = images.computeIfAbsent(bare(entry), first -> new ArrayList<>());
      nameOf(entry).ifPresent(names::add);
    }
    return images;
  }

  private static boolean isImage(Descriptor entry) {
    String type = entry.mediaType();
    return type.isEmpty() || MediaTypes.isIndex(type) || MediaTypes.isManifest(type);
  }

  /** Other programs name entries as they like; what is no reference is no name here. */
  private static Optional<ImageReference> nameOf(Descriptor entry) {
    String name = entry.annotation(Descriptor.REF_NAME);
    try {
      return Optional.ofNullable(name).map(ImageReference::parse);
    } catch (InvalidSpecException foreign) {
      return Optional.empty();
    }
  }

  /** What a name points at. */
  Optional<Descriptor> find(ImageReference name) {
    return index.manifests().stream()
        .filter(entry -> isNamed(entry, name))
        .map(NameTable::bare)
        .findFirst();
  }

  /** As {@link #with(Map)}, for one image with one name. */
  NameTable withName(ImageReference name, Descriptor target) {
    return with(Map.of(target, List.of(name)));
  }

  /**
   * Adds images, those that are there already stay as they are, and points names at them: the last
   * image that is given a name has it. An image that loses its last name so stays, nameless.
   * Annotations and platforms of entries, which other programs may have written, stay with them.
   * Goes through the table once, however many images and names there are.
   *
   * @param images each with its names, which may be none
   */
  NameTable with(Map<Descriptor, List<ImageReference>> images) {
    Map<String, Descriptor> wanted = new LinkedHashMap<>();
    images.forEach(
        (target, names) -> names.forEach(name -> wanted.put(name.toString(), bare(target))));
    Map<Descriptor, String> first = new HashMap<>();
    wanted.forEach((name, image) -> first.putIfAbsent(image, name));
    Map<String, Descriptor> own = new LinkedHashMap<>(wanted);
    List<Descriptor> losers = new ArrayList<>();
    List<Descriptor> entries = new ArrayList<>();
    for (Descriptor entry : index.manifests()) {
      String name = entry.annotation(Descriptor.REF_NAME);
      Descriptor image = bare(entry);
      if (name == null && first.containsKey(image)) {
        own.replace(first.get(image), image, entry);
      } else if (name == null || !wanted.containsKey(name)) {
        entries.add(entry);
      } else if (image.equals(wanted.get(name))) {
        own.put(name, entry);
      } else {
        losers.add(entry.withAnnotation(Descriptor.REF_NAME, null));
      }
    }
    own.forEach((name, entry) -> entries.add(entry.withAnnotation(Descriptor.REF_NAME, name)));
    images.keySet().forEach(target -> losers.add(bare(target)));
    Set<Descriptor> kept = new HashSet<>();
    entries.forEach(entry -> kept.add(bare(entry)));
    for (Descriptor loser : losers) {
      if (kept.add(bare(loser))) {
        entries.add(loser);
      }
    }
    return with(entries);
  }

  /** Takes a name away; the image goes with its last one. */
  NameTable withoutName(ImageReference name) {
    return with(index.manifests().stream().filter(entry -> !isNamed(entry, name)).toList());
  }

  /** Takes an image away with all its names. */
  NameTable withoutImage(Descriptor target) {
    Descriptor image = bare(target);
    return with(
        index.manifests().stream()
            .filter(entry -> !isImage(entry) || !bare(entry).equals(image))
            .toList());
  }

  private NameTable with(List<Descriptor> entries) {
    ImageIndex changed = new ImageIndex(index.mediaType(), entries, index.annotations());
    return new NameTable(new IndexDocument(changed, foreign));
  }

  private static boolean isNamed(Descriptor entry, ImageReference name) {
    return name.toString().equals(entry.annotation(Descriptor.REF_NAME));
  }

  /** The image itself: of an index with the platform that it was taken in for. */
  private static Descriptor bare(Descriptor entry) {
    Optional<Platform> chosen =
        MediaTypes.isIndex(entry.mediaType()) ? entry.platform() : Optional.empty();
    return new Descriptor(entry.mediaType(), entry.digest(), entry.size(), chosen, Map.of());
  }
}
