package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.DockerArchiveImage;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageIndex;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes images as an OCI image layout, with Docker's {@code manifest.json} or without. Documents
 * and layers keep their bytes, and are compared with their digests on the way; what two images
 * share is written once. The same images always give the same archive.
 */
public final class LayoutWriter {
  private static final byte[] LAYOUT =
      "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
  private static final String BLOBS = "blobs/sha256";
  private static final int BUFFER = 1 << 18;

  private final ContentStore store;
  private final boolean docker;
  private final SortedMap<String, Blob> blobs = new TreeMap<>();
  private final List<Descriptor> entries = new ArrayList<>();
  private final List<DockerArchiveImage> dockerImages = new ArrayList<>();

  private record Blob(Descriptor saved, Source source) {}

  private interface Source {
    InputStream open() throws IOException;
  }

  /**
   * A writer for one archive.
   *
   * @param docker whether it is for Docker too
   */
  public LayoutWriter(ContentStore store, boolean docker) {
    this.store = store;
    this.docker = docker;
  }

  /** Writes a tar to {@code out}, which is not closed. */
  public void write(List<SavedImage> images, OutputStream out) throws IOException {
    write(images, new TarSink(out));
  }

  /** Writes into a directory that is empty. */
  public void write(List<SavedImage> images, Path directory) throws IOException {
    write(images, new DirectorySink(directory));
  }

  private void write(List<SavedImage> images, ArchiveSink sink) throws IOException {
    for (SavedImage image : images) {
      add(image);
    }
    document(sink, "oci-layout", LAYOUT);
    document(
        sink,
        "index.json",
        ImageJsonWriter.write(new ImageIndex(MediaTypes.INDEX, entries, Map.of())));
    if (docker) {
      document(sink, "manifest.json", ImageJsonWriter.write(dockerImages));
    }
    sink.directory("blobs");
    sink.directory(BLOBS);
    for (Blob blob : blobs.values()) {
      sink.file(path(blob.saved()), blob.saved().size(), out -> copy(blob, out));
    }
    sink.close();
  }

  private static void document(ArchiveSink sink, String path, byte[] bytes) throws IOException {
    sink.file(path, bytes.length, out -> out.write(bytes));
  }

  private static String path(Descriptor blob) {
    return BLOBS + "/" + blob.digest().hex();
  }

  private void add(SavedImage image) throws IOException {
    List<SavedLayer> layers = layers(image);
    for (SavedLayer layer : layers) {
      blob(layer.saved(), () -> layer.open(store));
    }
    stored(image.document().config());
    Descriptor manifest = manifest(image, layers);
    if (image.names().isEmpty()) {
      entries.add(manifest);
    }
    for (ImageReference name : image.names()) {
      entries.add(named(manifest, name));
    }
    dockerImages.add(
        new DockerArchiveImage(
            path(image.document().config()),
            image.names().stream().map(ImageReference::familiar).toList(),
            layers.stream().map(layer -> path(layer.saved())).toList()));
  }

  private List<SavedLayer> layers(SavedImage image) throws IOException {
    List<SavedLayer> layers = new ArrayList<>();
    for (int i = 0; i < image.document().layers().size(); i++) {
      Descriptor layer = image.document().layers().get(i);
      require(layer);
      layers.add(
          docker
              ? SavedLayer.readableByAll(store, layer, image.config().diffIds().get(i))
              : SavedLayer.unchanged(layer));
    }
    return layers;
  }

  /** The manifest as it is, unless a layer is not. */
  private Descriptor manifest(SavedImage image, List<SavedLayer> layers) throws IOException {
    if (layers.stream().allMatch(SavedLayer::isUnchanged)) {
      stored(image.manifest());
      return withPlatform(image.manifest(), image);
    }
    ImageManifest document = image.document();
    byte[] bytes =
        ImageJsonWriter.write(
            new ImageManifest(
                document.mediaType(),
                document.config(),
                layers.stream().map(SavedLayer::saved).toList(),
                document.annotations()));
    Descriptor manifest = new Descriptor(document.mediaType(), Sha256.of(bytes), bytes.length);
    blob(manifest, () -> new ByteArrayInputStream(bytes));
    return withPlatform(manifest, image);
  }

  private static Descriptor withPlatform(Descriptor manifest, SavedImage image) {
    return new Descriptor(
        manifest.mediaType(),
        manifest.digest(),
        manifest.size(),
        Optional.of(image.config().platform()),
        Map.of());
  }

  /**
   * Docker names by the tag alone beside its own annotation; several images with one tag can only
   * be told apart by whole names.
   */
  private Descriptor named(Descriptor manifest, ImageReference name) {
    return manifest
        .withAnnotation("io.containerd.image.name", name.toString())
        .withAnnotation(Descriptor.REF_NAME, docker ? name.tag().orElse("") : name.toString());
  }

  private void stored(Descriptor blob) throws IOException {
    require(blob);
    blob(blob, () -> store.open(blob.digest()));
  }

  private void require(Descriptor blob) throws IOException {
    Digest digest = blob.digest();
    if (!store.has(digest)) {
      throw new CorruptException(
          "blob " + digest + " of an image to be saved is lost: load or pull the image again");
    }
    if (store.size(digest) != blob.size()) {
      throw damaged(blob);
    }
  }

  private void blob(Descriptor saved, Source source) {
    blobs.putIfAbsent(saved.digest().hex(), new Blob(saved, source));
  }

  private static void copy(Blob blob, OutputStream out) throws IOException {
    Sha256 sha256 = new Sha256();
    long left = blob.saved().size();
    try (InputStream in = blob.source().open()) {
      byte[] buffer = new byte[BUFFER];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new CancelledException("interrupted while saving images");
        }
        left -= got;
        if (left < 0) {
          throw damaged(blob.saved());
        }
        sha256.update(buffer, 0, got);
        out.write(buffer, 0, got);
      }
    }
    if (left > 0 || !sha256.finish().equals(blob.saved().digest())) {
      throw damaged(blob.saved());
    }
  }

  private static CorruptException damaged(Descriptor blob) {
    return new CorruptException(
        "blob "
            + blob.digest()
            + " of an image to be saved is damaged: load or pull the image again");
  }
}
