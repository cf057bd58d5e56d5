package dev.pinnace.internal.image.assembly;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The documents of an image that is new, in the words of OCI; of one that stands on an image of
 * Docker's, in Docker's words, for registries want no mixture.
 *
 * @param config its configuration
 * @param layers its layers, lowest first
 * @param docker whether it stands on an image whose manifest is Docker's
 */
record NewImage(ImageConfig config, List<Descriptor> layers, boolean docker) {
  NewImage {
    layers = List.copyOf(layers);
  }

  /** Stores the documents and answers the manifest. */
  Descriptor store(LayerIngest ingest) throws IOException {
    String manifestType = docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.MANIFEST;
    byte[] configBytes = ImageJsonWriter.write(config);
    check(() -> ImageJson.readConfig(configBytes, "its configuration"));
    Descriptor configDescriptor =
        new Descriptor(
            docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.CONFIG,
            ingest.put(configBytes),
            configBytes.length);
    byte[] manifest =
        ImageJsonWriter.write(new ImageManifest(manifestType, configDescriptor, layers, Map.of()));
    check(() -> ImageJson.readManifest(manifest, "its manifest"));
    return new Descriptor(manifestType, ingest.put(manifest), manifest.length);
  }

  /** What nobody could read may have no name, least of all one that another image has. */
  private static void check(Supplier<?> reading) {
    try {
      Object unused = reading.get();
    } catch (CorruptException e) {
      throw new InvalidSpecException(
          "the image cannot be made: "
              + e.getMessage()
              + "; give it fewer or shorter labels and variables",
          e);
    }
  }
}
