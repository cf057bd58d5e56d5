package dev.pinnace.internal.image.registry.auth;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.durable.UserFile;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Docker's {@code config.json}, as far as it is about registries. It is read anew for each question
 * and replaced as a whole; what is not about registries stays.
 *
 * @see <a href="https://docs.docker.com/reference/cli/docker/login/">docker login</a>
 */
final class DockerConfig {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String AUTHS = "auths";
  private static final int LARGEST = 16 << 20;
  private static final Path NOTHING = Path.of("/dev/null");

  private final Path file;

  DockerConfig(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /**
   * A helper program.
   *
   * @param name without {@code docker-credential-}
   * @param own whether it is for the repository that was asked about, not for all
   */
  record Helper(String name, boolean own) {}

  /** The helper program for a repository. */
  Optional<Helper> helper(String repository) throws IOException {
    ObjectNode root = read();
    return best(root.path("credHelpers"), repository)
        .map(name -> new Helper(name.asText(), true))
        .or(() -> Optional.of(new Helper(root.path("credsStore").asText(""), false)))
        .filter(helper -> !helper.name().isEmpty());
  }

  /** What the file itself has for a repository. */
  Optional<RegistryCredentials> credentials(String repository) throws IOException {
    return best(read().path(AUTHS), repository).flatMap(this::credentialsOf);
  }

  private static Optional<JsonNode> best(JsonNode members, String repository) {
    int bestFit = 0;
    JsonNode best = null;
    for (Map.Entry<String, JsonNode> member : members.properties()) {
      int fit = RegistryKey.fit(member.getKey(), repository);
      if (fit > bestFit
          || (fit > 0 && fit == bestFit && RegistryKey.isUsual(member.getKey(), repository))) {
        bestFit = fit;
        best = member.getValue();
      }
    }
    return Optional.ofNullable(best);
  }

  private Optional<RegistryCredentials> credentialsOf(JsonNode entry) {
    String token = entry.path("identitytoken").asText("");
    if (!token.isEmpty()) {
      return Optional.of(RegistryCredentials.identityToken(token));
    }
    String user = entry.path("username").asText("");
    String password = entry.path("password").asText("");
    String auth = entry.path("auth").asText("");
    if (!auth.isEmpty()) {
      String decoded = decode(auth);
      int colon = decoded.indexOf(':');
      if (colon <= 0) {
        throw new PinnaceException(
            "an \"auth\" in " + file + " is not user:password in Base64: log in again");
      }
      user = decoded.substring(0, colon);
      password = decoded.substring(colon + 1);
      while (password.endsWith("\0")) {
        password = password.substring(0, password.length() - 1);
      }
    }
    return user.isEmpty() || password.isEmpty()
        ? Optional.empty()
        : Optional.of(RegistryCredentials.of(user, password));
  }

  private String decode(String auth) {
    try {
      return new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException damage) {
      throw new PinnaceException("an \"auth\" in " + file + " is not Base64: log in again", damage);
    }
  }

  /**
   * Keeps credentials in place of all that were there for the whole registry; an empty entry says
   * that a helper has them.
   */
  void store(String registry, Optional<RegistryCredentials> credentials) throws IOException {
    ObjectNode entry = JsonNodeFactory.instance.objectNode();
    credentials.ifPresent(
        user -> {
          if (user.isIdentityToken()) {
            entry.put("identitytoken", user.secret());
          } else {
            byte[] plain = (user.user() + ":" + user.secret()).getBytes(StandardCharsets.UTF_8);
            entry.put("auth", Base64.getEncoder().encodeToString(plain));
          }
        });
    try (UserFile change = UserFile.change(file)) {
      ObjectNode root = read();
      ObjectNode auths =
          root.path(AUTHS) instanceof ObjectNode there ? there : root.putObject(AUTHS);
      auths.remove(keys(auths, registry));
      auths.set(RegistryKey.of(registry), entry);
      write(root, change);
    }
  }

  /** Forgets every entry for a registry as a whole; whether there was one. */
  boolean erase(String registry) throws IOException {
    if (keys(read().path(AUTHS), registry).isEmpty()) {
      return false;
    }
    try (UserFile change = UserFile.change(file)) {
      ObjectNode root = read();
      List<String> gone = keys(root.path(AUTHS), registry);
      if (root.path(AUTHS) instanceof ObjectNode auths && !gone.isEmpty()) {
        auths.remove(gone);
        write(root, change);
      }
      return !gone.isEmpty();
    }
  }

  /** However a registry as a whole is written. */
  private static List<String> keys(JsonNode auths, String registry) {
    List<String> keys = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : auths.properties()) {
      if (RegistryKey.fit(member.getKey(), registry) > 0) {
        keys.add(member.getKey());
      }
    }
    return keys;
  }

  private ObjectNode read() throws IOException {
    byte[] bytes;
    try {
      bytes = bytes();
    } catch (NoSuchFileException | NotDirectoryException nothing) {
      return JsonNodeFactory.instance.objectNode();
    }
    try (JsonParser parser = JSON.createParser(bytes)) {
      JsonNode root = JsonTree.read(parser);
      if (root.isMissingNode()) {
        return JsonNodeFactory.instance.objectNode();
      }
      if (root instanceof ObjectNode object) {
        return object;
      }
      throw new PinnaceException(file + " is not a JSON object: mend it, or move it away");
    } catch (JacksonException damage) {
      throw new PinnaceException(
          file + " is not JSON (" + JsonTree.reason(damage) + "): mend it, or move it away",
          damage);
    }
  }

  /** What is no file may have no end, or keep whoever opens it waiting. */
  private byte[] bytes() throws IOException {
    if (file.toRealPath().equals(NOTHING)) {
      return new byte[0];
    }
    if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
      throw new PinnaceException(file + " is not a regular file: move it away");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new PinnaceException(
            file + " has more than " + LARGEST + " bytes: mend it, or move it away");
      }
      return bytes;
    }
  }

  private static void write(ObjectNode root, UserFile change) throws IOException {
    change.replace((root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
