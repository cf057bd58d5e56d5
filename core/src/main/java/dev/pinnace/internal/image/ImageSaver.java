package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.durable.OutputPath;
import dev.pinnace.internal.image.layout.LayoutWriter;
import dev.pinnace.internal.image.layout.SavedImage;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.SaveOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes images of a store into archives. Thread-safe. */
public final class ImageSaver {
  private final ImageStore images;

  public ImageSaver(ImageStore images) {
    this.images = images;
  }

  /** Writes to a stream, which is flushed and not closed. */
  public void save(List<String> references, OutputStream out, SaveOptions options) {
    if (options.format() == SaveOptions.Format.OCI_DIRECTORY) {
      throw new InvalidSpecException(
          "an OCI layout as a directory cannot go into a stream: give a path, or take the format"
              + " OCI_ARCHIVE");
    }
    saving(references, (saved, writer) -> writer.write(saved, out), options);
  }

  /** Writes a file or directory, which is there whole or not at all. */
  public void save(List<String> references, Path target, SaveOptions options) {
    if (options.format() == SaveOptions.Format.OCI_DIRECTORY) {
      saving(
          references,
          (saved, writer) ->
              OutputPath.directory(target, directory -> writer.write(saved, directory)),
          options);
    } else {
      saving(
          references,
          (saved, writer) -> OutputPath.file(target, out -> writer.write(saved, out)),
          options);
    }
  }

  private interface Writing {
    void write(List<SavedImage> saved, LayoutWriter writer) throws IOException;
  }

  private void saving(List<String> references, Writing writing, SaveOptions options) {
    if (references.isEmpty()) {
      throw new InvalidSpecException("a save needs at least one image");
    }
    boolean docker = options.format() == SaveOptions.Format.DOCKER_ARCHIVE;
    boolean unused =
        guarded(
            "save " + String.join(", ", references),
            () -> {
              Map<StoredImage, Set<ImageReference>> chosen = chosen(references);
              try (KeptImages kept = images.keep(chosen.keySet())) {
                writing.write(saved(chosen), new LayoutWriter(images.content(), docker));
                return true;
              }
            });
  }

  /** Each image once, with the names under which it was asked for. */
  private Map<StoredImage, Set<ImageReference>> chosen(List<String> references) {
    Map<StoredImage, Set<ImageReference>> chosen = new LinkedHashMap<>();
    for (String reference : references) {
      List<StoredImage> repository = repository(reference);
      if (repository.isEmpty()) {
        StoredImage image = images.get(reference);
        Set<ImageReference> names = chosen.computeIfAbsent(image, first -> new LinkedHashSet<>());
        image.names().stream().filter(name -> isMeant(reference, name)).forEach(names::add);
      }
      for (StoredImage image : repository) {
        Set<ImageReference> names = chosen.computeIfAbsent(image, first -> new LinkedHashSet<>());
        image.names().stream()
            .filter(name -> name.tag().isPresent() && isIn(reference, name))
            .forEach(names::add);
      }
    }
    return chosen;
  }

  /** A name without tag or digest means every tag of the repository, unless it is an id. */
  private List<StoredImage> repository(String reference) {
    ImageReference name = parsed(reference);
    if (name == null || name.tag().isPresent() || name.digest().isPresent()) {
      return List.of();
    }
    return images.list().stream()
        .filter(
            image ->
                image.names().stream()
                    .anyMatch(other -> other.tag().isPresent() && isIn(reference, other)))
        .toList();
  }

  private static boolean isIn(String reference, ImageReference name) {
    ImageReference wanted = parsed(reference);
    return wanted != null && wanted.repository().equals(name.repository());
  }

  private static boolean isMeant(String reference, ImageReference name) {
    ImageReference wanted = parsed(reference);
    return wanted != null && wanted.digest().isEmpty() && wanted.withDefaultTag().equals(name);
  }

  private static @Nullable ImageReference parsed(String reference) {
    try {
      return ImageReference.parse(reference);
    } catch (InvalidSpecException id) {
      return null;
    }
  }

  private List<SavedImage> saved(Map<StoredImage, Set<ImageReference>> chosen) throws IOException {
    List<SavedImage> saved = new ArrayList<>();
    for (Map.Entry<StoredImage, Set<ImageReference>> entry : chosen.entrySet()) {
      StoredImage image = entry.getKey();
      Digest manifest = image.manifestDigest();
      saved.add(
          new SavedImage(
              new Descriptor(
                  image.manifest().mediaType(), manifest, images.content().size(manifest)),
              image.manifest(),
              image.config(),
              List.copyOf(entry.getValue())));
    }
    return saved;
  }
}
