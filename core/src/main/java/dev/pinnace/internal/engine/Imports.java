package dev.pinnace.internal.engine;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.assembly.TarDownload;
import dev.pinnace.internal.image.assembly.TarImport;
import dev.pinnace.internal.image.layout.LoadedImage;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImportSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes images of tars. */
final class Imports {
  private final Parts parts;

  Imports(Parts parts) {
    this.parts = parts;
  }

  private interface Work {
    Descriptor take(LayerIngest ingest) throws IOException;
  }

  StoredImage of(InputStream tar, ImportSpec spec) {
    TarImport image = new TarImport(tar, "-", spec);
    return add("-", spec, image::take);
  }

  StoredImage of(Path tar, ImportSpec spec) {
    if (Files.isDirectory(tar)) {
      throw new InvalidSpecException(tar + " is a directory: pack its files into a tar");
    }
    if (!Files.exists(tar)) {
      throw new NotFoundException("there is no file " + tar + " to import");
    }
    return add(
        tar.toString(),
        spec,
        ingest -> {
          try (InputStream in = Files.newInputStream(tar)) {
            return new TarImport(in, tar.toString(), spec).take(ingest);
          }
        });
  }

  StoredImage of(URI tar, ImportSpec spec) {
    TarDownload download = parts.downloads().of(tar);
    return add(
        download.origin(),
        spec,
        ingest -> {
          Path file = ingest.lease().partialFile();
          try {
            download.to(file);
            try (InputStream in = Files.newInputStream(file)) {
              return new TarImport(in, download.origin(), spec).take(ingest);
            }
          } finally {
            Files.deleteIfExists(file);
          }
        });
  }

  private StoredImage add(String origin, ImportSpec spec, Work work) {
    List<ImageReference> names = names(spec.reference().orElse(""));
    return parts
        .images()
        .add("import " + origin, ingest -> List.of(new LoadedImage(work.take(ingest), names)))
        .get(0);
  }

  /** The one name that a new image is to have; none for {@code ""}. */
  static List<ImageReference> names(String reference) {
    if (reference.isEmpty()) {
      return List.of();
    }
    ImageReference name = ImageReference.parse(reference);
    if (name.digest().isPresent()) {
      throw new InvalidSpecException(
          "\"" + reference + "\" has a digest, which nobody can assign: give a name and a tag");
    }
    return List.of(name.withDefaultTag());
  }
}
