package dev.pinnace.internal.image;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageIndex;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The store's {@code index.json} as a table from names to images. An image has one entry per name,
 * or one without a name when it has none. Immutable: each change gives a new table.
 */
final class NameTable {
  private final ImageIndex index;

  private NameTable(ImageIndex index) {
    this.index = index;
  }

  static NameTable read(byte[] bytes) {
    return new NameTable(ImageJson.readIndex(bytes, "the store's index.json"));
  }

  byte[] write() {
    return ImageJsonWriter.write(index);
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

  /** Adds an image; one that is there already stays as it is. */
  NameTable withImage(Descriptor target) {
    if (images().containsKey(bare(target))) {
      return this;
    }
    List<Descriptor> entries = new ArrayList<>(index.manifests());
    entries.add(bare(target));
    return with(entries);
  }

  /**
   * Points a name at an image; an image that loses its last name so stays, nameless. Annotations
   * and platforms of entries, which other programs may have written, stay with them.
   */
  NameTable withName(ImageReference name, Descriptor target) {
    Descriptor image = bare(target);
    Descriptor own = image;
    List<Descriptor> losers = new ArrayList<>();
    List<Descriptor> entries = new ArrayList<>();
    for (Descriptor entry : index.manifests()) {
      boolean same = bare(entry).equals(image);
      boolean nameless = entry.annotation(Descriptor.REF_NAME) == null;
      if (same && (nameless || isNamed(entry, name))) {
        own = entry;
      } else if (isNamed(entry, name)) {
        losers.add(entry.withAnnotation(Descriptor.REF_NAME, null));
      } else {
        entries.add(entry);
      }
    }
    entries.add(own.withAnnotation(Descriptor.REF_NAME, name.toString()));
    for (Descriptor loser : losers) {
      if (entries.stream().noneMatch(entry -> bare(entry).equals(bare(loser)))) {
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
  NameTable withoutImage(Digest target) {
    return with(
        index.manifests().stream().filter(entry -> !entry.digest().equals(target)).toList());
  }

  private NameTable with(List<Descriptor> entries) {
    return new NameTable(new ImageIndex(index.mediaType(), entries, index.annotations()));
  }

  private static boolean isNamed(Descriptor entry, ImageReference name) {
    return name.toString().equals(entry.annotation(Descriptor.REF_NAME));
  }

  private static Descriptor bare(Descriptor entry) {
    return new Descriptor(entry.mediaType(), entry.digest(), entry.size());
  }
}
