package dev.pinnace.security;

import dev.pinnace.Pinnace;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarType;
import dev.pinnace.internal.layer.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** An image of one layer, with whatever an attacker would put there besides the probe. */
final class HostileImage {
  private final ByteArrayOutputStream layer = new ByteArrayOutputStream();
  private final TarWriter writer = new TarWriter(layer);
  private String workdir = "/";

  /** With the probe as {@code /probe}. */
  HostileImage() {
    try {
      file("probe", Files.readAllBytes(Path.of(Tools.probe())), 0755);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the probe", e);
    }
  }

  HostileImage file(String name, byte[] content, int permissions) {
    try {
      writer.entry(TarEntry.file(name, content.length).withPermissions(permissions));
      writer.write(content, 0, content.length);
      return this;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  HostileImage file(String name, String text) {
    return file(name, text.getBytes(StandardCharsets.UTF_8), 0755);
  }

  HostileImage symlink(String name, String target) {
    return add(TarEntry.symlink(name, target));
  }

  HostileImage dir(String name) {
    return add(TarEntry.directory(name));
  }

  HostileImage fifo(String name) {
    return add(TarEntry.fifo(name));
  }

  HostileImage device(String name, int major, int minor) {
    return add(TarEntry.device(name, TarType.CHARACTER_DEVICE, major, minor).withPermissions(0666));
  }

  HostileImage workdir(String directory) {
    workdir = directory;
    return this;
  }

  private HostileImage add(TarEntry entry) {
    try {
      writer.entry(entry);
      return this;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Loads it by a docker-archive as a directory in {@code scratch}; returns its name. */
  String load(Pinnace pinnace, Path scratch, String name) {
    try {
      writer.close();
      Path archive = Files.createTempDirectory(scratch, "archive");
      Files.write(archive.resolve("layer.tar"), layer.toByteArray());
      String config =
          """
          {"architecture":"%s","os":"linux","config":{"Cmd":["/probe"],"WorkingDir":"%s"},
           "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}"""
              .formatted(architecture(), workdir, sha256(layer.toByteArray()));
      Files.writeString(archive.resolve("config.json"), config);
      Files.writeString(
          archive.resolve("manifest.json"),
          """
          [{"Config":"config.json","RepoTags":["localhost/%s:1"],"Layers":["layer.tar"]}]"""
              .formatted(name));
      pinnace.images().load(archive);
      return "localhost/" + name + ":1";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the image " + name, e);
    }
  }

  private static String architecture() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
