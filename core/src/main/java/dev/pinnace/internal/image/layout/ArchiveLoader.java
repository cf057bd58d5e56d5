package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Compression;
import dev.pinnace.internal.content.DamageNamingStream;
import dev.pinnace.internal.image.transfer.CountingStream;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Recognises an image archive by its content and takes in what it holds: an OCI layout or a
 * docker-archive, in a directory, a tar, or a tar compressed with gzip or zstd. A compressed tar is
 * decompressed into a scratch file first, since its table of contents usually comes last; {@link
 * UnpackLimit} says how large that may become.
 */
public final class ArchiveLoader {
  private static final int COPY_BUFFER = 1 << 20;
  private static final String NO_TAR = "it is not a tar";

  private final LayerIngest ingest;
  private final Optional<Platform> platform;
  private final UnpackLimit.Source limits;

  /**
   * @param platform the only one that is taken; empty for this host's where there is a choice
   */
  public ArchiveLoader(LayerIngest ingest, Optional<Platform> platform) {
    this(ingest, platform, UnpackLimit::in);
  }

  ArchiveLoader(LayerIngest ingest, Optional<Platform> platform, UnpackLimit.Source limits) {
    this.ingest = ingest;
    this.platform = platform;
    this.limits = limits;
  }

  /**
   * Takes in all images of an archive.
   *
   * @throws NotFoundException when there is no such file, or nothing for the platform
   * @throws InvalidSpecException when it is no image archive
   * @throws CorruptException when it is one, but damaged or dishonest
   */
  public List<LoadedImage> load(Path archive) throws IOException {
    if (!Files.exists(archive)) {
      throw new NotFoundException("there is no image archive " + archive);
    }
    if (Files.isDirectory(archive)) {
      try (ArchiveFiles files = new DirectoryArchive(archive)) {
        return load(files, Origin.of(archive));
      }
    }
    Origin origin = Origin.of(archive);
    if (Files.isRegularFile(archive) && isPlain(archive)) {
      return loadTar(archive, origin);
    }
    try (InputStream in = Files.newInputStream(archive)) {
      return loadStream(in, origin);
    }
  }

  /** The same from a stream, which is read to its end and not closed. */
  public List<LoadedImage> load(InputStream archive) throws IOException {
    List<LoadedImage> loaded = loadStream(archive, new Origin("the stream", Optional.empty()));
    archive.transferTo(OutputStream.nullOutputStream());
    return loaded;
  }

  private static boolean isPlain(Path archive) throws IOException {
    try (InputStream in = Files.newInputStream(archive)) {
      byte[] start = Compression.start(in);
      return Compression.of(start) == Compression.NONE && Compression.unknown(start).isEmpty();
    }
  }

  private List<LoadedImage> loadStream(InputStream archive, Origin origin) throws IOException {
    Path scratch = ingest.lease().partialFile();
    try {
      decompress(archive, scratch, origin);
      return loadTar(scratch, origin);
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private void decompress(InputStream archive, Path scratch, Origin origin) throws IOException {
    CountingStream raw = new CountingStream(archive);
    UnpackLimit limit = limits.in(Objects.requireNonNull(scratch.getParent()));
    try (InputStream in =
            new DamageNamingStream(
                Compression.decompress(raw, origin.name()).stream(), origin.name());
        OutputStream out = Files.newOutputStream(scratch, StandardOpenOption.CREATE_NEW)) {
      byte[] start = in.readNBytes(TarIndex.BLOCK);
      if (start.length > 0 && !TarIndex.looksLikeTar(start)) {
        throw notAnArchive(origin, NO_TAR);
      }
      out.write(start);
      long unpacked = start.length;
      byte[] buffer = new byte[COPY_BUFFER];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        unpacked += got;
        limit.check(raw.count(), unpacked, origin.name());
        out.write(buffer, 0, got);
      }
    }
  }

  /** How messages call the archive, and how images are called after it that have a tag only. */
  private record Origin(String name, Optional<String> baseName) {
    static Origin of(Path archive) {
      Path file = archive.toAbsolutePath().normalize().getFileName();
      String text = file == null ? "image" : file.toString();
      return new Origin(
          archive.toString(),
          Optional.of(text.replaceFirst("(?i)(\\.(tar|oci|tgz|tzst|gz|zst))+$", "")));
    }
  }

  private List<LoadedImage> loadTar(Path tar, Origin origin) throws IOException {
    try (FileChannel channel = FileChannel.open(tar, StandardOpenOption.READ)) {
      if (!TarIndex.looksLikeTar(channel)) {
        throw notAnArchive(origin, channel.size() == 0 ? "it is empty" : NO_TAR);
      }
      try (ArchiveFiles files = new TarArchive(channel, origin.name())) {
        return load(files, origin);
      }
    }
  }

  private List<LoadedImage> load(ArchiveFiles files, Origin origin) throws IOException {
    if (files.has("oci-layout") && files.has("index.json")) {
      return new LayoutReader(files, ingest, platform, origin.baseName()).read();
    }
    if (files.has("manifest.json")) {
      return new DockerArchiveReader(files, ingest, platform).read();
    }
    if (files.has("repositories")) {
      throw notAnArchive(
          origin, "Docker before 1.10 wrote it; load and save it with a newer Docker");
    }
    throw notAnArchive(origin, "it has neither oci-layout and index.json nor manifest.json");
  }

  private static InvalidSpecException notAnArchive(Origin origin, String why) {
    return new InvalidSpecException(
        origin.name()
            + " is not an image archive: "
            + why
            + ". Expected is what docker save writes, or an OCI image layout");
  }
}
