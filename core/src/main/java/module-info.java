/** Pinnace: Linux containers inside a JVM. */
@SuppressWarnings({"module", "requires-automatic"})
module dev.pinnace {
  requires dev.pinnace.linux;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.github.luben.zstd_jni;
  requires com.google.common;
  requires java.net.http;
  requires org.apache.commons.compress;
  requires org.dnsjava;
  requires org.slf4j;
  requires org.tukaani.xz;
  requires static transitive org.jspecify;

  exports dev.pinnace;
  exports dev.pinnace.error;
  exports dev.pinnace.event;
  exports dev.pinnace.oci;
  exports dev.pinnace.spec;
  exports dev.pinnace.spi.isolation;
  exports dev.pinnace.spi.storage;
  exports dev.pinnace.spi.volume;

  uses dev.pinnace.spi.isolation.IsolationBackendProvider;
  uses dev.pinnace.spi.storage.StorageDriverProvider;
  uses dev.pinnace.spi.volume.VolumeDriver;

  provides dev.pinnace.spi.isolation.IsolationBackendProvider with
      dev.pinnace.internal.isolation.linux.LinuxProvider;
  provides dev.pinnace.spi.storage.StorageDriverProvider with
      dev.pinnace.internal.storage.overlayfs.OverlayProvider,
      dev.pinnace.internal.storage.vfs.VfsProvider;
}
