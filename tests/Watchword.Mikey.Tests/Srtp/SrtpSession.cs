using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Watchword.Mikey.Tests.Srtp;

/// <summary>One SRTP stream in libsrtp2, keyed from a context that this library derived.</summary>
internal sealed class SrtpSession : IDisposable
{
    private const int SsrcSpecific = 1;

    private readonly IntPtr _session;
    private readonly uint _ssrc;

    public SrtpSession(SrtpContext context, uint ssrc)
    {
        _ssrc = ssrc;
        byte[] material = new byte[LibSrtp.MasterKeyAndSaltSize];
        context.ExportMasterKey(material.AsSpan(0, SrtpKeys.MasterKeySizeInBytes));
        context.ExportMasterSalt(material.AsSpan(SrtpKeys.MasterKeySizeInBytes));
        _session = Create(material, context.Mki.ToArray(), ssrc);
        CryptographicOperations.ZeroMemory(material);
    }

    /// <summary>A stream under a context that is not needed any more.</summary>
    public static SrtpSession Of(SrtpContext context, uint ssrc)
    {
        using (context)
        {
            return new SrtpSession(context, ssrc);
        }
    }

    public uint RolloverCounter
    {
        get
        {
            Check(LibSrtp.srtp_get_stream_roc(_session, _ssrc, out uint counter));
            return counter;
        }
        set => Check(LibSrtp.srtp_set_stream_roc(_session, _ssrc, value));
    }

    public static void Check(int status)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"libsrtp2 says {status}");
        }
    }

    public byte[] Protect(byte[] packet) => Run(packet, (buffer, length) =>
    {
        Check(LibSrtp.srtp_protect_mki(_session, buffer, ref length, 1, 0));
        return length;
    })!;

    public byte[] ProtectControl(byte[] packet) => Run(packet, (buffer, length) =>
    {
        Check(LibSrtp.srtp_protect_rtcp_mki(_session, buffer, ref length, 1, 0));
        return length;
    })!;

    /// <summary>The packet in clear; null if the library refuses it.</summary>
    public byte[]? Open(byte[] packet) => Run(packet, (buffer, length) =>
        LibSrtp.srtp_unprotect_mki(_session, buffer, ref length, 1) == 0 ? length : -1);

    /// <summary>The control packet in clear; null if the library refuses it.</summary>
    public byte[]? OpenControl(byte[] packet) => Run(packet, (buffer, length) =>
        LibSrtp.srtp_unprotect_rtcp_mki(_session, buffer, ref length, 1) == 0 ? length : -1);

    public void Dispose() => Check(LibSrtp.srtp_dealloc(_session));

    private static byte[]? Run(byte[] packet, Func<byte[], int, int> act)
    {
        byte[] buffer = [.. packet, .. new byte[LibSrtp.TrailerRoom]];
        int length = act(buffer, packet.Length);
        return length < 0 ? null : buffer[..length];
    }

    private static IntPtr Create(byte[] material, byte[] mki, uint ssrc)
    {
        GCHandle key = GCHandle.Alloc(material, GCHandleType.Pinned), identifier = GCHandle.Alloc(mki, GCHandleType.Pinned);
        LibSrtp.MasterKey[] master =
        [
            new() { Key = key.AddrOfPinnedObject(), Mki = identifier.AddrOfPinnedObject(), MkiSize = (uint)mki.Length },
        ];
        GCHandle masterHandle = GCHandle.Alloc(master, GCHandleType.Pinned);
        IntPtr[] list = [masterHandle.AddrOfPinnedObject()];
        GCHandle listHandle = GCHandle.Alloc(list, GCHandleType.Pinned);
        try
        {
            LibSrtp.srtp_crypto_policy_set_aes_gcm_128_16_auth(out LibSrtp.CryptoPolicy gcm);
            LibSrtp.Policy policy = new()
            {
                SsrcType = SsrcSpecific,
                Ssrc = ssrc,
                Rtp = gcm,
                Rtcp = gcm,
                Keys = listHandle.AddrOfPinnedObject(),
                NumberOfKeys = 1,
                WindowSize = 128,
            };
            Check(LibSrtp.srtp_create(out IntPtr session, policy));
            return session;
        }
        finally
        {
            listHandle.Free();
            masterHandle.Free();
            identifier.Free();
            key.Free();
        }
    }
}
