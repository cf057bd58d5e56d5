package dev.pinnace.internal.image.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageHealthcheck;
import dev.pinnace.oci.ImageIndex;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the documents of the image-spec and their Docker twins from bytes of unknown origin.
 * Members that Pinnace does not know are ignored, as the specification asks: the bytes themselves
 * are what is stored.
 */
public final class ImageJson {
  /** The largest document that is read, in bytes; registries have the same limit. */
  public static final int LARGEST_DOCUMENT = 4 << 20;

  /** As the specification has it, of any algorithm (image-spec, <i>Digests</i>). */
  private static final Pattern DIGEST =
      Pattern.compile("([a-z0-9]+(?:[+._-][a-z0-9]+)*):[a-zA-Z0-9=_-]+");

  private ImageJson() {}

  /** The media type that a document itself states, empty where it states none. */
  public static String mediaType(byte[] document, String what) {
    JsonFields fields = JsonFields.parse(document, what);
    String stated = fields.text("mediaType");
    if (!stated.isEmpty()) {
      return stated;
    }
    return fields.object("config").isPresent()
        ? MediaTypes.MANIFEST
        : fields.objects("manifests").isEmpty() ? "" : MediaTypes.INDEX;
  }

  /**
   * Reads an image index or manifest list; {@code what} names it in messages. Entries that cannot
   * be used are left out: they take nothing from the others.
   */
  public static ImageIndex readIndex(byte[] document, String what) {
    return readWholeIndex(document, what).index();
  }

  /** The same with the entries that cannot be used. */
  public static IndexDocument readWholeIndex(byte[] document, String what) {
    JsonFields fields = JsonFields.parse(document, what);
    checkVersion(fields);
    refuseMixture(fields, "config", "layers");
    String mediaType = fields.optionalText("mediaType").orElse(MediaTypes.INDEX);
    if (!MediaTypes.isIndex(mediaType)) {
      throw fields.wrong("is not an image index but " + mediaType);
    }
    List<Descriptor> manifests = new ArrayList<>();
    List<JsonNode> foreign = new ArrayList<>();
    for (JsonFields entry : fields.objects("manifests")) {
      if (isForeign(entry)) {
        foreign.add(entry.node());
      } else {
        manifests.add(descriptor(entry));
      }
    }
    return new IndexDocument(
        new ImageIndex(mediaType, manifests, fields.stringMap("annotations")), foreign);
  }

  private static boolean isForeign(JsonFields entry) {
    Matcher digest = DIGEST.matcher(entry.text("digest"));
    return (digest.matches() && !digest.group(1).equals("sha256"))
        || entry.object("platform").filter(platform -> !isPlatform(platform)).isPresent();
  }

  private static boolean isPlatform(JsonFields fields) {
    try {
      Platform unused =
          new Platform(fields.text("os"), fields.text("architecture"), fields.text("variant"));
      return true;
    } catch (InvalidSpecException refusal) {
      return false;
    }
  }

  /** Reads an image manifest. */
  public static ImageManifest readManifest(byte[] document, String what) {
    JsonFields fields = JsonFields.parse(document, what);
    checkVersion(fields);
    refuseMixture(fields, "manifests", "fsLayers");
    String mediaType = fields.optionalText("mediaType").orElse(MediaTypes.MANIFEST);
    if (!MediaTypes.isManifest(mediaType)) {
      throw fields.wrong("is not an image manifest but " + mediaType);
    }
    return new ImageManifest(
        mediaType,
        descriptor(fields.object("config").orElseThrow(() -> fields.wrong("has no config"))),
        fields.objects("layers").stream().map(ImageJson::descriptor).toList(),
        fields.stringMap("annotations"));
  }

  private static void checkVersion(JsonFields fields) {
    long version = fields.number("schemaVersion", 0);
    if (version != 2) {
      throw fields.wrong(
          "has schemaVersion "
              + version
              + "; only 2 is known"
              + (version == 1 ? " (Docker stopped writing 1 in 2017: push the image again)" : ""));
    }
  }

  /** CVE-2021-41190: a document that is manifest and index at once means what its reader likes. */
  private static void refuseMixture(JsonFields fields, String... foreign) {
    for (String key : foreign) {
      if (fields.has(key)) {
        throw fields.wrong("also has \"" + key + "\" and so is two kinds of document at once");
      }
    }
  }

  private static Descriptor descriptor(JsonFields fields) {
    long size = fields.number("size", -1);
    if (size < 0) {
      throw fields.wrong("has no size");
    }
    return new Descriptor(
        fields.text("mediaType"),
        fields.digest("digest"),
        size,
        fields.object("platform").map(ImageJson::platform),
        fields.stringMap("annotations"),
        fields.strings("urls"));
  }

  private static Platform platform(JsonFields fields) {
    try {
      return new Platform(
          fields.requiredText("os"), fields.requiredText("architecture"), fields.text("variant"));
    } catch (InvalidSpecException refusal) {
      throw fields.wrong("names no platform: " + refusal.getMessage());
    }
  }

  /** Reads an image's configuration. */
  public static ImageConfig readConfig(byte[] document, String what) {
    JsonFields fields = JsonFields.parse(document, what);
    JsonFields rootfs =
        fields.object("rootfs").orElseThrow(() -> fields.wrong("has no rootfs.diff_ids"));
    if (!rootfs.text("type").equals("layers")) {
      throw fields.wrong("has a rootfs of type \"" + rootfs.text("type") + "\", not \"layers\"");
    }
    return new ImageConfig(
        fields.time("created"),
        fields.optionalText("author"),
        platform(fields),
        fields
            .object("config")
            .map(ImageJson::execution)
            .orElseGet(() -> ExecutionConfig.of(List.of(), List.of())),
        rootfs.digests("diff_ids"),
        fields.objects("history").stream().map(ImageJson::history).toList());
  }

  private static ImageConfig.History history(JsonFields fields) {
    return new ImageConfig.History(
        fields.time("created"),
        fields.text("created_by"),
        fields.text("author"),
        fields.text("comment"),
        fields.flag("empty_layer"));
  }

  private static ExecutionConfig execution(JsonFields fields) {
    return new ExecutionConfig(
        fields.text("User"),
        fields.strings("Env"),
        fields.strings("Entrypoint"),
        fields.strings("Cmd"),
        fields.text("WorkingDir"),
        fields.set("ExposedPorts"),
        fields.set("Volumes"),
        fields.stringMap("Labels"),
        fields.optionalText("StopSignal"),
        fields.object("Healthcheck").map(ImageJson::healthcheck),
        fields.strings("Shell"),
        fields.strings("OnBuild"));
  }

  private static ImageHealthcheck healthcheck(JsonFields fields) {
    return new ImageHealthcheck(
        fields.strings("Test"),
        Duration.ofNanos(fields.number("Interval", 0)),
        Duration.ofNanos(fields.number("Timeout", 0)),
        Duration.ofNanos(fields.number("StartPeriod", 0)),
        Duration.ofNanos(fields.number("StartInterval", 0)),
        Math.toIntExact(Math.max(0, Math.min(Integer.MAX_VALUE, fields.number("Retries", 0)))));
  }

  /** Reads which version of the image layout a directory has, from its {@code oci-layout}. */
  public static String readLayoutVersion(byte[] document, String what) {
    return JsonFields.parse(document, what).requiredText("imageLayoutVersion");
  }

  /** Reads {@code manifest.json} of a docker-archive. */
  public static List<DockerArchiveImage> readDockerArchive(byte[] document, String what) {
    return JsonFields.parseArray(document, what).stream()
        .map(
            fields ->
                new DockerArchiveImage(
                    fields.requiredText("Config"),
                    fields.strings("RepoTags"),
                    fields.strings("Layers")))
        .toList();
  }
}
