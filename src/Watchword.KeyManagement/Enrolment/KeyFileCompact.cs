using System.Buffers;
using System.Security.Cryptography;

namespace Watchword.KeyManagement.Enrolment;

/// <summary>The transport key file as <c>WWTK1:</c> and base-32 digits, all in the alphanumeric set of QR codes.</summary>
internal static class KeyFileCompact
{
    private static ReadOnlySpan<byte> Prefix => "WWTK1:"u8;

    public static bool Recognises(ReadOnlySpan<byte> text) =>
        text.Length >= Prefix.Length && System.Text.Ascii.EqualsIgnoreCase(text[..Prefix.Length], Prefix);

    public static SecretText Write(TransportKeyFile file)
    {
        byte[] octets = KeyFilePayload.Octets(file);
        try
        {
            int digits = Base32.DigitsFor(octets.Length);
            SecretText text = new(Prefix.Length + digits);
            text.Write(Prefix);
            IBufferWriter<byte> writer = text;
            Base32.Encode(octets, writer.GetSpan(digits));
            writer.Advance(digits);
            return text;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    public static TransportKeyFile Parse(ReadOnlySpan<byte> text) => KeyFilePayload.FromDigits(text[Prefix.Length..]);
}
