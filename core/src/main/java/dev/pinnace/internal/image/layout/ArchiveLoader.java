package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Compression;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Recognises an image archive by its content and takes in what it holds: an OCI layout or a
 * docker-archive, in a directory, a tar, or a tar compressed with gzip or zstd. A compressed tar is
 * decompressed into a scratch file first, since its table of contents usually comes last.
 */
public final class ArchiveLoader {
  private static final int COPY_BUFFER = 1 << 20;

  private final LayerIngest ingest;
  private final Platform platform;

  public ArchiveLoader(LayerIngest ingest, Platform platform) {
    this.ingest = ingest;
    this.platform = platform;
  }

  /**
   * Takes in all images of an archive.
   *
   * @throws NotFoundException when there is no such file, or nothing for the platform
   * @throws InvalidSpecException when it is no image archive
   * @throws CorruptException when it is one, but damaged or dishonest
   */
  public List<LoadedImage> load(Path archive) throws IOException {
    return load(archive, archive.toString(), Optional.of(baseName(archive)));
  }

  /** The same; the archive is called {@code name} in messages, and no image after it. */
  public List<LoadedImage> load(Path archive, String name) throws IOException {
    return load(archive, name, Optional.empty());
  }

  private List<LoadedImage> load(Path archive, String name, Optional<String> baseName)
      throws IOException {
    if (!Files.exists(archive)) {
      throw new NotFoundException("there is no image archive " + archive);
    }
    if (Files.isDirectory(archive)) {
      try (ArchiveFiles files = new DirectoryArchive(archive)) {
        return load(files, baseName);
      }
    }
    Compression compression = Files.isRegularFile(archive) ? compressionOf(archive) : null;
    if (compression == Compression.NONE) {
      return loadTar(archive, name, baseName);
    }
    Path scratch = ingest.lease().partialFile();
    try {
      decompress(archive, name, scratch);
      return loadTar(scratch, name, baseName);
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private static Compression compressionOf(Path archive) throws IOException {
    try (InputStream in = Files.newInputStream(archive)) {
      return Compression.of(in.readNBytes(4));
    }
  }

  private static void decompress(Path archive, String name, Path scratch) throws IOException {
    try (InputStream raw = Files.newInputStream(archive);
        InputStream in = new DamageNamingStream(raw, name);
        OutputStream out = Files.newOutputStream(scratch, StandardOpenOption.CREATE_NEW)) {
      byte[] buffer = new byte[COPY_BUFFER];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        out.write(buffer, 0, got);
      }
    }
  }

  private List<LoadedImage> loadTar(Path tar, String name, Optional<String> baseName)
      throws IOException {
    try (FileChannel channel = FileChannel.open(tar, StandardOpenOption.READ)) {
      if (!TarIndex.looksLikeTar(channel)) {
        throw notAnArchive(name, channel.size() == 0 ? "it is empty" : "it is not a tar");
      }
      try (ArchiveFiles files = new TarArchive(channel, name)) {
        return load(files, baseName);
      }
    }
  }

  private List<LoadedImage> load(ArchiveFiles files, Optional<String> baseName) throws IOException {
    if (files.has("oci-layout") && files.has("index.json")) {
      return new LayoutReader(files, ingest, platform, baseName).read();
    }
    if (files.has("manifest.json")) {
      return new DockerArchiveReader(files, ingest).read();
    }
    if (files.has("repositories")) {
      throw notAnArchive(
          files.name(), "Docker before 1.10 wrote it; load and save it with a newer Docker");
    }
    throw notAnArchive(files.name(), "it has neither oci-layout and index.json nor manifest.json");
  }

  private static InvalidSpecException notAnArchive(String archive, String why) {
    return new InvalidSpecException(
        archive
            + " is not an image archive: "
            + why
            + ". Expected is what docker save writes, or an OCI image layout");
  }

  private static String baseName(Path archive) {
    Path name = archive.toAbsolutePath().normalize().getFileName();
    String text = name == null ? "image" : name.toString();
    return text.replaceFirst("(?i)(\\.(tar|oci|tgz|tzst|gz|zst))+$", "");
  }
}
