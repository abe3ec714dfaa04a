using System.Security.Cryptography;
using Watchword.Benchmarks.Measuring;
using Watchword.Mikey;

namespace Watchword.Benchmarks.Rows;

/// <summary>Rows about what is done with a key once it is there (TS 33.180 7.4, 8.5, F.1).</summary>
internal sealed class DerivedKeyRows
{
    private const int PayloadSize = 1024;
    private const uint GmkId = 0x01234567;
    private const string UserUri = "sip:user@example.org";

    private readonly byte[] key = RandomNumberGenerator.GetBytes(16);
    private readonly byte[] random = RandomNumberGenerator.GetBytes(16);
    private readonly McDataPayloadHead head = new() { SecondsSince1970 = 1 };

    public Row Context => new("srtp_context", "master key and salt of a group's transmitter, user salt included")
    {
        Check = () => Derive().Dispose(),
        CreateWorker = _ => new Worker(count =>
        {
            for (int i = 0; i < count; i++)
            {
                Derive().Dispose();
            }
        }),
    };

    public Row Protect =>
        new("payload_protect", $"an MCData payload of {PayloadSize} octets protected, cipher key derived before")
    {
        Check = () => Open(Cipher().Protect(head, new byte[PayloadSize]), expected: true),
        CreateWorker = _ =>
        {
            DataPayloadCipherKey cipher = Cipher();
            byte[] payload = new byte[PayloadSize];
            return new Worker(count =>
            {
                for (int i = 0; i < count; i++)
                {
                    cipher.Protect(head, payload);
                }
            });
        },
    };

    public Row Unprotect => new("payload_open", $"an MCData payload of {PayloadSize} octets parsed and opened")
    {
        Check = () =>
        {
            byte[] octets = Cipher().Protect(head, new byte[PayloadSize]);
            octets[^1] ^= 1;
            Open(octets, expected: false);
        },
        CreateWorker = _ =>
        {
            DataPayloadCipherKey cipher = Cipher();
            byte[] octets = cipher.Protect(head, new byte[PayloadSize]);
            byte[] payload = new byte[PayloadSize];
            return new Worker(count =>
            {
                for (int i = 0; i < count; i++)
                {
                    if (McDataProtectedPayload.TryParse(octets, out McDataProtectedPayload? parsed))
                    {
                        cipher.TryUnprotect(parsed, payload);
                    }
                }
            });
        },
    };

    private SrtpContext Derive() =>
        SrtpContext.ForGroup(key, GmkId, UserKeyId.Of(GmkId, key, UserUri), McCryptoSession.McpttGroup, random);

    private DataPayloadCipherKey Cipher() => DataPayloadCipherKey.Derive(key, GmkId);

    private void Open(byte[] octets, bool expected)
    {
        bool opened = McDataProtectedPayload.TryParse(octets, out McDataProtectedPayload? parsed)
            && Cipher().TryUnprotect(parsed, new byte[PayloadSize]);
        Expect.That(opened == expected, "a payload opens unchanged and only so");
    }
}
