using System.Reflection;
using System.Runtime.InteropServices;

namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// libsrtp2 of Debian, another implementation of SRTP: what crosses to it is a master key, a master salt and an MKI. Only
/// AEAD_AES_128_GCM (RFC 7714) is used.
/// </summary>
internal static class LibSrtp
{
    public const int MasterKeyAndSaltSize = 28;

    /// <summary>Room that the library may write to behind a packet: its longest tag, MKI and index.</summary>
    public const int TrailerRoom = 16 + 128 + 4;

    private const string Library = "libsrtp2";

    static LibSrtp()
    {
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, assembly, path) =>
            name == Library ? Load() : IntPtr.Zero);
        SrtpSession.Check(srtp_init());
    }

    private static IntPtr Load() => NativeLibrary.TryLoad("libsrtp2.so.1", out IntPtr library)
        ? library
        : throw new InvalidOperationException(
            "libsrtp2 is not installed: it comes with the Debian package libsrtp2-1 (./test.sh installs it).");

    [StructLayout(LayoutKind.Sequential)]
    internal struct CryptoPolicy
    {
        public uint CipherType;
        public int CipherKeyLength;
        public uint AuthenticationType;
        public int AuthenticationKeyLength;
        public int TagLength;
        public int Services;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MasterKey
    {
        public IntPtr Key;
        public IntPtr Mki;
        public uint MkiSize;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Policy
    {
        public int SsrcType;
        public uint Ssrc;
        public CryptoPolicy Rtp;
        public CryptoPolicy Rtcp;
        public IntPtr Key;
        public IntPtr Keys;
        public UIntPtr NumberOfKeys;
        public IntPtr Unused;
        public UIntPtr WindowSize;
        public int AllowRepeatTransmission;
        public IntPtr EncryptedExtensions;
        public int NumberOfEncryptedExtensions;
        public IntPtr Next;
    }

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int srtp_init();

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern void srtp_crypto_policy_set_aes_gcm_128_16_auth(out CryptoPolicy policy);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_create(out IntPtr session, in Policy policy);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_dealloc(IntPtr session);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_protect_mki(IntPtr session, byte[] packet, ref int length, uint useMki, uint index);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_unprotect_mki(IntPtr session, byte[] packet, ref int length, uint useMki);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_protect_rtcp_mki(IntPtr session, byte[] packet, ref int length, uint useMki, uint index);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_unprotect_rtcp_mki(IntPtr session, byte[] packet, ref int length, uint useMki);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_set_stream_roc(IntPtr session, uint ssrc, uint counter);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int srtp_get_stream_roc(IntPtr session, uint ssrc, out uint counter);
}
