package dev.pinnace.internal.image.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageHealthcheck;
import dev.pinnace.oci.ImageIndex;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.spec.Platform;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Writes documents of the image-spec that Pinnace makes itself. The same record always gives the
 * same bytes, hence the same digest.
 */
public final class ImageJsonWriter {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(SerializationFeature.INDENT_OUTPUT).build();

  private ImageJsonWriter() {}

  /** The bytes of an image index. */
  public static byte[] write(ImageIndex index) {
    return write(new IndexDocument(index, List.of()));
  }

  /** The bytes of an image index, with entries of others as they are at its end. */
  public static byte[] write(IndexDocument document) {
    ImageIndex index = document.index();
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", index.mediaType());
    ArrayNode manifests = root.putArray("manifests");
    index.manifests().forEach(manifest -> manifests.add(descriptor(manifest)));
    manifests.addAll(document.foreign());
    strings(root, "annotations", index.annotations());
    return bytes(root);
  }

  /** The bytes of an image manifest. */
  public static byte[] write(ImageManifest manifest) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", manifest.mediaType());
    root.set("config", descriptor(manifest.config()));
    ArrayNode layers = root.putArray("layers");
    manifest.layers().forEach(layer -> layers.add(descriptor(layer)));
    strings(root, "annotations", manifest.annotations());
    return bytes(root);
  }

  /** The bytes of an image's configuration. */
  public static byte[] write(ImageConfig config) {
    ObjectNode root = MAPPER.createObjectNode();
    config.created().ifPresent(created -> root.put("created", created.toString()));
    config.author().ifPresent(author -> root.put("author", author));
    platform(root, config.platform());
    root.set("config", execution(config.config()));
    ObjectNode rootfs = root.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode diffIds = rootfs.putArray("diff_ids");
    config.diffIds().forEach(diffId -> diffIds.add(diffId.toString()));
    if (!config.history().isEmpty()) {
      ArrayNode history = root.putArray("history");
      config.history().forEach(step -> history(history.addObject(), step));
    }
    return bytes(root);
  }

  /** The bytes of {@code manifest.json} of a docker-archive. */
  public static byte[] write(List<DockerArchiveImage> images) {
    ArrayNode root = MAPPER.createArrayNode();
    for (DockerArchiveImage image : images) {
      ObjectNode node = root.addObject();
      node.put("Config", image.config());
      ArrayNode tags = node.putArray("RepoTags");
      image.repoTags().forEach(tags::add);
      ArrayNode layers = node.putArray("Layers");
      image.layers().forEach(layers::add);
    }
    return bytes(root);
  }

  private static void history(ObjectNode node, ImageConfig.History step) {
    step.created().ifPresent(created -> node.put("created", created.toString()));
    text(node, "created_by", step.createdBy());
    text(node, "author", step.author());
    text(node, "comment", step.comment());
    if (step.emptyLayer()) {
      node.put("empty_layer", true);
    }
  }

  private static ObjectNode execution(ExecutionConfig config) {
    ObjectNode node = MAPPER.createObjectNode();
    text(node, "User", config.user());
    set(node, "ExposedPorts", config.exposedPorts());
    list(node, "Env", config.env());
    list(node, "Entrypoint", config.entrypoint());
    list(node, "Cmd", config.cmd());
    set(node, "Volumes", config.volumes());
    text(node, "WorkingDir", config.workingDir());
    strings(node, "Labels", config.labels());
    config.stopSignal().ifPresent(signal -> node.put("StopSignal", signal));
    config.healthcheck().ifPresent(check -> node.set("Healthcheck", healthcheck(check)));
    list(node, "Shell", config.shell());
    list(node, "OnBuild", config.onBuild());
    return node;
  }

  private static ObjectNode healthcheck(ImageHealthcheck check) {
    ObjectNode node = MAPPER.createObjectNode();
    list(node, "Test", check.test());
    number(node, "Interval", check.interval().toNanos());
    number(node, "Timeout", check.timeout().toNanos());
    number(node, "StartPeriod", check.startPeriod().toNanos());
    number(node, "StartInterval", check.startInterval().toNanos());
    number(node, "Retries", check.retries());
    return node;
  }

  private static ObjectNode descriptor(Descriptor descriptor) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("mediaType", descriptor.mediaType());
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
    list(node, "urls", descriptor.urls());
    strings(node, "annotations", descriptor.annotations());
    descriptor.platform().ifPresent(platform -> platform(node.putObject("platform"), platform));
    return node;
  }

  private static void platform(ObjectNode node, Platform platform) {
    node.put("architecture", platform.architecture());
    node.put("os", platform.os());
    text(node, "variant", platform.variant());
  }

  private static void text(ObjectNode node, String key, String value) {
    if (!value.isEmpty()) {
      node.put(key, value);
    }
  }

  private static void number(ObjectNode node, String key, long value) {
    if (value != 0) {
      node.put(key, value);
    }
  }

  private static void list(ObjectNode node, String key, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = node.putArray(key);
      values.forEach(array::add);
    }
  }

  private static void set(ObjectNode node, String key, Collection<String> values) {
    if (!values.isEmpty()) {
      ObjectNode members = node.putObject(key);
      values.forEach(members::putObject);
    }
  }

  private static void strings(ObjectNode node, String key, Map<String, String> values) {
    if (!values.isEmpty()) {
      ObjectNode members = node.putObject(key);
      values.forEach(members::put);
    }
  }

  private static byte[] bytes(JsonNode root) {
    try {
      return MAPPER.writeValueAsBytes(root);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a tree of strings and numbers can be written", impossible);
    }
  }
}
