package dev.pinnace.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/**
 * An image in the benchmark's registry.
 *
 * @param reference the whole image
 * @param before what is in the store before it is pulled; empty for nothing
 * @param description what it is made of
 */
record PulledImage(String reference, String before, String description) {
  private static final String OCI = "application/vnd.oci.image.";

  /** A layer in the layout: its blob, that blob's length, and its diffID. */
  private record Layer(String digest, long size, String diffId) {}

  static PulledImage make(String scenario, Scratch scratch, LocalRegistry registry)
      throws IOException, InterruptedException {
    Path work = scratch.directory("layout-" + scenario);
    Files.createDirectories(work.resolve("blobs/sha256"));
    List<Layer> layers = new ArrayList<>();
    switch (scenario) {
      case "big" -> {
        layers.add(hostLayer(work, "/usr/lib/python3.11", "/usr/include", "/usr/lib/gcc"));
        layers.add(hostLayer(work, System.getProperty("java.home")));
      }
      case "many-files" -> layers.add(small(work, 0, 100_000));
      case "many-layers" -> {
        for (int i = 0; i < 60; i++) {
          layers.add(small(work, i, 200));
        }
      }
      case "nine-of-ten" -> {
        for (int i = 0; i < 10; i++) {
          layers.add(small(work, i, 2_000));
        }
      }
      default -> throw new IllegalArgumentException("there is no scenario " + scenario);
    }
    String reference = registry.repository(scenario);
    push(work, layers, reference + ":1");
    boolean partly = scenario.equals("nine-of-ten");
    if (partly) {
      push(work, layers.subList(0, 9), reference + ":0");
    }
    long bytes = layers.stream().mapToLong(Layer::size).sum();
    return new PulledImage(
        reference + ":1",
        partly ? reference + ":0" : "",
        "%d layers, %.1f MB compressed".formatted(layers.size(), bytes / 1e6));
  }

  private static Layer hostLayer(Path work, String... directories)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("tar", "--sort=name", "-C", "/", "-c"));
    for (String directory : directories) {
      if (Files.exists(Path.of(directory))) {
        words.add(Path.of("/").relativize(Path.of(directory).toRealPath()).toString());
      }
    }
    return layer(work, words);
  }

  /** Files of 100 to 3,000 bytes, thirty in a directory. */
  private static Layer small(Path work, int number, int files)
      throws IOException, InterruptedException {
    Path tree = Files.createDirectories(work.resolve("tree" + number));
    byte[] content =
        "const value = require('./value');\n".repeat(90).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < files; i++) {
      Path directory = tree.resolve("layer" + number + "/module" + i / 30);
      if (i % 30 == 0) {
        Files.createDirectories(directory);
      }
      int length = 100 + (i * 37 + number) % 2900;
      Files.write(directory.resolve("file" + i + ".js"), java.util.Arrays.copyOf(content, length));
    }
    Layer layer = layer(work, List.of("tar", "--sort=name", "-C", tree.toString(), "-c", "."));
    return layer;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static Layer layer(Path work, List<String> tar) throws IOException, InterruptedException {
    Path blob = work.resolve("layer.tar.gz");
    MessageDigest compressed = sha256();
    MessageDigest plain = sha256();
    Process process =
        new ProcessBuilder(tar).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (InputStream in = process.getInputStream();
        OutputStream file =
            new DigestOutputStream(
                new BufferedOutputStream(Files.newOutputStream(blob)), compressed);
        OutputStream out = new DigestOutputStream(new GZIPOutputStream(file, 1 << 16), plain)) {
      in.transferTo(out);
    }
    Check.exitCode(process.waitFor(), String.join(" ", tar));
    String digest = hex(compressed);
    Layer layer = new Layer(digest, Files.size(blob), hex(plain));
    Files.move(blob, work.resolve("blobs/sha256").resolve(digest));
    return layer;
  }

  private static String descriptor(String type, String digest, long size) {
    return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
        .formatted(type, digest, size);
  }

  private static String document(Path work, String type, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    MessageDigest sha256 = sha256();
    sha256.update(bytes);
    String digest = hex(sha256);
    Files.write(work.resolve("blobs/sha256").resolve(digest), bytes);
    return descriptor(type, digest, bytes.length);
  }

  private static void push(Path work, List<Layer> layers, String reference)
      throws IOException, InterruptedException {
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    String config =
        document(
            work,
            OCI + "config.v1+json",
            "{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
                .formatted(
                    architecture,
                    layers.stream()
                        .map(layer -> "\"sha256:" + layer.diffId() + "\"")
                        .collect(Collectors.joining(","))));
    String descriptors =
        layers.stream()
            .map(layer -> descriptor(OCI + "layer.v1.tar+gzip", layer.digest(), layer.size()))
            .collect(Collectors.joining(","));
    String manifest =
        document(
            work,
            OCI + "manifest.v1+json",
            "{\"schemaVersion\":2,\"mediaType\":\"%smanifest.v1+json\",\"config\":%s,\"layers\":[%s]}"
                .formatted(OCI, config, descriptors));
    Files.writeString(
        work.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + manifest + "]}");
    Files.writeString(work.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Command.of(
            "skopeo",
            "skopeo",
            "copy",
            "-q",
            "--dest-tls-verify=false",
            "oci:" + work,
            "docker://" + reference)
        .run();
  }
}
