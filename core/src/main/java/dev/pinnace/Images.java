package dev.pinnace;

import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageRemoval;
import dev.pinnace.spec.ImageStep;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.RegistryCredentials;
import dev.pinnace.spec.SaveOptions;
import dev.pinnace.spec.SearchResult;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Images of an engine's root. Thread-safe.
 *
 * <p>A layer may have 64 GiB of files and 2,000,000 entries, wherever it comes from. These limits,
 * which keep a small download from filling the disk, are fixed; what exceeds them is refused with
 * {@link dev.pinnace.error.InvalidSpecException}, and nothing is kept.
 */
public interface Images {
  /**
   * Brings an image in from its registry, for this host's platform, and waits for it. What is here
   * already is not fetched; what a pull that did not end has received is not fetched again.
   *
   * @param reference {@code busybox}, {@code registry.example.org/tool:1}, or with a digest
   * @throws dev.pinnace.error.NotFoundException if the registry has no such image, or none for this
   *     platform
   * @throws dev.pinnace.error.RegistryException if it refuses or cannot be reached
   * @throws dev.pinnace.error.CorruptException if what it gives is not what it says; nothing is
   *     kept
   * @throws dev.pinnace.error.InvalidSpecException if it is no image that can be had here: one of
   *     more than 500 layers, with a layer that unpacks to more than 64 GiB, or of which all
   *     together unpack to more than 256 GiB; nothing is kept
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted; what was received is
   *     kept for the next pull, for a day
   * @see Pinnace.Builder#registries
   */
  default Image pull(String reference) {
    Objects.requireNonNull(reference, "reference");
    return pull(ImageReference.parse(reference), PullOptions.DEFAULTS).await();
  }

  /**
   * Begins to bring an image in, as {@link #pull(String)} does. A reference without tag and digest
   * is that of {@code latest}; one with a digest names the image by its digest alone. The engine's
   * close cancels it.
   */
  Task<Image> pull(ImageReference reference, PullOptions options);

  /**
   * The names of all tags that a repository has at its registry, to be pulled, in the registry's
   * order. A mirror is asked first, and what it lists is believed.
   *
   * @param repository a name without tag and digest
   * @throws dev.pinnace.error.InvalidSpecException if it has one
   * @throws dev.pinnace.error.NotFoundException if the registry has no such repository
   * @throws dev.pinnace.error.RegistryException if it refuses or cannot be reached
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted
   */
  List<ImageReference> tags(String repository);

  /**
   * Reads images from a docker-archive ({@code docker save}) or an OCI layout, as a directory or a
   * tar, compressed or not. Every digest is verified before anything is visible. Of an image that
   * is there for several platforms, the one for this host is taken.
   *
   * @return the images, each with the names that the archive has for it; one that has a bare tag in
   *     an OCI layout is called {@code localhost/FILE:TAG}
   * @throws dev.pinnace.error.CorruptException if bytes do not match their digests; nothing is kept
   * @throws dev.pinnace.error.InvalidSpecException if it is no such archive, or has an image that
   *     is larger than {@link #pull(String)} takes
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted; nothing is kept
   */
  List<Image> load(Path archive);

  /**
   * The same for a platform.
   *
   * @throws dev.pinnace.error.NotFoundException if an image is not there for it; nothing is kept
   */
  List<Image> load(Path archive, Platform platform);

  /**
   * The same from a stream, which is read to its end and not closed; it is copied to the engine's
   * root first. An image that has a bare tag in an OCI layout has no name then.
   */
  List<Image> load(InputStream archive);

  /**
   * The same for a platform.
   *
   * @throws dev.pinnace.error.NotFoundException if an image is not there for it; nothing is kept
   */
  List<Image> load(InputStream archive, Platform platform);

  /**
   * Writes images into a docker-archive, from which Docker, Podman, skopeo and {@link #load} read
   * them again.
   *
   * @param references names or ids; a name without a tag means all tags that it has here. Each
   *     image has in the archive the names that it was asked for by
   * @param out is flushed and not closed
   * @throws dev.pinnace.error.NotFoundException if there is no such image
   * @throws dev.pinnace.error.CorruptException if a blob is damaged or lost: what was written is
   *     not to be used
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted
   */
  default void save(List<String> references, OutputStream out) {
    Objects.requireNonNull(references, "references");
    Objects.requireNonNull(out, "out");
    save(references, out, SaveOptions.defaults());
  }

  /**
   * The same in another format.
   *
   * @throws dev.pinnace.error.InvalidSpecException if that is a directory
   */
  void save(List<String> references, OutputStream out, SaveOptions options);

  /**
   * The same to a file, or an OCI layout to a directory, that appears whole or not at all. A JVM
   * that is killed meanwhile may leave {@code .NAME-HEX.part} beside a directory, and beside a file
   * where the file system has no files without a name.
   *
   * @param target a file, which is replaced; a directory must be empty or not there
   */
  void save(List<String> references, Path target, SaveOptions options);

  /**
   * Makes an image of one layer from the files of a tar: plain, or compressed with gzip, zstd,
   * bzip2 or xz.
   *
   * @param tar is read to its end and not closed
   * @throws dev.pinnace.error.CorruptException if it is damaged or no tar; nothing is kept
   * @throws dev.pinnace.error.InvalidSpecException if a change is wrong, or the files take more
   *     than half of the free space, 256 GiB, or, beyond 1 GiB, 200 times what they were compressed
   *     to
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted; nothing is kept
   */
  Image importTar(InputStream tar, ImportSpec spec);

  /** The same from a file. */
  Image importTar(Path tar, ImportSpec spec);

  /**
   * The same from where {@code http} or {@code https} brings it, through the proxy of the JVM or
   * the environment ({@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code NO_PROXY}).
   *
   * @param tar the user and password in it, if any, are told to that server, and to no other to
   *     which it redirects; the image's history has the URI without them and without its query
   * @throws dev.pinnace.error.RegistryException if the server answers anything but the tar
   * @throws dev.pinnace.error.TimedOutException if it is silent for a minute
   */
  Image importTar(URI tar, ImportSpec spec);

  /**
   * How an image was made, the last step first.
   *
   * @throws dev.pinnace.error.NotFoundException if there is no such image
   */
  List<ImageStep> history(String reference);

  /**
   * An image of programs of this host, named {@code localhost/host:latest}, with the shared
   * libraries and the loader that they need; a script goes with its interpreter, and with the
   * program that {@code #!/usr/bin/env} looks up. What they open or execute at run time (plugins,
   * name service modules, what a script calls) is not followed: see {@link HostImage#with}. What is
   * to be known of the image is {@linkplain HostImage#remarks logged as a warning}.
   *
   * @param programs names looked up in PATH, or absolute paths; the first is the image's command
   * @throws dev.pinnace.error.NotFoundException if there is no such program, or not what it needs
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted; nothing is kept
   */
  default Image fromHost(String... programs) {
    Objects.requireNonNull(programs, "programs");
    return host(programs).build();
  }

  /** Like {@link #fromHost}, to be described further. */
  HostImage host(String... programs);

  /**
   * The image of that name, id or unique prefix of an id.
   *
   * @throws dev.pinnace.error.NotFoundException if there is none
   */
  Image get(String reference);

  /** The image of that name, id or unique prefix of an id. */
  Optional<Image> find(String reference);

  /**
   * The ids of an image, and of all that are here and were made on it, see {@link
   * dev.pinnace.oci.ImageConfig#isMadeOn}: what {@link dev.pinnace.spec.ContainerFilter#ofImages}
   * takes to find the containers of all these.
   *
   * @throws dev.pinnace.error.NotFoundException if there is no such image
   */
  Set<Digest> madeOn(String reference);

  /** All images, the newest first, damaged ones too: {@link ImageSummary#damage} tells. */
  default List<ImageSummary> list() {
    return list(ImageFilter.all());
  }

  /**
   * The images that {@code filter} lets through: those that were made last first, at the end those
   * that do not say when.
   */
  List<ImageSummary> list(ImageFilter filter);

  /** Gives an image a further name, taking it from another image that has it. */
  Image tag(String image, String newReference);

  /**
   * Takes the name away; with its last name the image goes. A damaged image goes too.
   *
   * <p>By {@code repository@digest} the name that an image was pulled by with that digest goes, and
   * a tag stays, as with Docker; where there is no such name, the image's tag in that repository
   * goes. By id, the image goes with its name. Where several names would go, {@code force} is
   * needed. Names in other repositories go only by id.
   *
   * @return what is gone
   * @throws dev.pinnace.error.ConflictException if several names would go, unless {@code force}
   * @throws dev.pinnace.error.ConflictException if a container uses the image, unless {@code force}
   * @throws dev.pinnace.error.CorruptException if the record of a container is damaged, for nobody
   *     knows which image it uses, unless {@code force}; then what the image takes on the disk
   *     stays until that container is removed
   */
  ImageRemoval remove(String reference, boolean force);

  /**
   * Removes the images that {@code filter} means and that no container uses, with all their names,
   * and, whatever the filter, what cancelled pulls have left to be continued; its bytes count as
   * freed. Pulls, loads and creations that are under way lose nothing by it, in this JVM or
   * another.
   *
   * @throws dev.pinnace.error.CorruptException if the record of a container is damaged, for nobody
   *     knows which image it uses
   */
  PruneReport prune(ImageFilter filter);

  /**
   * Pushes the image of that name to the registry of the name, and waits for it. Without a tag it
   * is {@code latest}.
   *
   * @return the digest that the name has at the registry now
   */
  default Digest push(String reference) {
    Objects.requireNonNull(reference, "reference");
    return push(ImageReference.parse(reference), PushOptions.DEFAULTS).await();
  }

  /**
   * Begins to push an image under its name: blobs that are not there, side by side, then manifests,
   * byte for byte as they are here. What another repository of the registry has is taken from
   * there; layers that registries must not hand on are left out. Uploads that break off go on where
   * they were. Of an index all is pushed if all is here, else the one image that is. {@link
   * Task#cancel} ends the transfers. A registry is told of uploads that fail or are cancelled, and
   * forgets what it has got of them, if it can be told within two seconds.
   *
   * @param reference the image's name; without a tag it is {@code latest}
   * @return the digest that the name has at the registry then; it fails with {@link
   *     dev.pinnace.error.NotFoundException} if there is no such image, and {@link
   *     dev.pinnace.error.RegistryException} if the registry refuses
   * @throws dev.pinnace.error.InvalidSpecException if the name has a digest and no tag
   */
  Task<Digest> push(ImageReference reference, PushOptions options);

  /**
   * Tries credentials with a registry and keeps them where Docker would: with the helper program
   * that its {@code config.json} names, or in that file, which keeps its owner and mode; a new one
   * is readable by its owner alone. A registry may give an identity token for them, which is kept
   * in place of the password.
   *
   * @param registry its host and optional port; empty for Docker's own
   * @return where they are kept: a file, or the name of a helper program
   * @throws dev.pinnace.error.RegistryException if the registry refuses them; nothing is kept
   * @throws dev.pinnace.error.ConflictException if Docker's file is not used
   */
  String login(String registry, RegistryCredentials credentials);

  /**
   * Forgets the credentials for a registry, in Docker's file and its helper program.
   *
   * @return whether there were any
   */
  boolean logout(String registry);

  /**
   * Searches a registry for repositories. Docker's own offers that; most others do not.
   *
   * @param term what is looked for, after {@code registry/} if not in Docker's own
   * @param most the most that are answered
   * @throws dev.pinnace.error.UnsupportedException if the registry has no search
   */
  List<SearchResult> search(String term, int most);

  /** An image of the host's programs under construction. Not thread-safe. */
  interface HostImage {
    /**
     * Adds a file or directory of the host at its own path, with the shared libraries that ELF
     * files for this host need, and with the files that symbolic links in a directory lead to,
     * wherever those are, but not in proc and sysfs. A library that the host lacks is {@linkplain
     * #remarks remarked upon}. Of a directory the first 100,000 files are looked at for what they
     * need.
     */
    HostImage with(Path path);

    /**
     * Adds a file or directory of the host at another path of the image, below directories that are
     * made where they are missing; a file that is there is replaced, and one that comes later at
     * its own path does not replace it. Libraries go along, at their own paths; symbolic links in a
     * directory stay as they are.
     *
     * @param at an absolute path
     */
    HostImage with(Path path, String at);

    /**
     * Hands on what is to be known of the image once it is made, in a line each: which programs are
     * scripts, and which libraries are missing. Without a consumer it is logged as a warning.
     */
    HostImage remarks(Consumer<? super String> consumer);

    /** Names the image otherwise than {@code localhost/host:latest}. */
    HostImage named(String reference);

    /**
     * Makes the image; one that is there already is found again.
     *
     * @throws dev.pinnace.error.NotFoundException if a program or path is not on this host
     * @throws dev.pinnace.error.InvalidSpecException if a path is not absolute, a program is no
     *     program for this host, or two of them cannot be in one image
     */
    Image build();
  }
}
