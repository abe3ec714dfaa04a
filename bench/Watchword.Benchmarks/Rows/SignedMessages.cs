using System.Security.Cryptography;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>What a verifier gets.</summary>
internal sealed record SignedMessage(byte[] Identity, byte[] Message, byte[] Signature);

/// <summary>Messages of 64 octets, all different, with signatures; the signer is asked for each.</summary>
internal sealed class SignedMessages(Func<EccsiSigningKey> signer, bool disposeSigners)
{
    public const int MessageSize = 64;

    private SignedMessage[] messages = [];

    public SignedMessage this[int index] => messages[index];

    public void Renew(int count)
    {
        messages = new SignedMessage[count];
        for (int i = 0; i < count; i++)
        {
            messages[i] = Make();
        }
    }

    private SignedMessage Make()
    {
        EccsiSigningKey key = signer();
        byte[] message = RandomNumberGenerator.GetBytes(MessageSize);
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        key.Sign(message, signature);
        SignedMessage made = new(key.Identity.ToArray(), message, signature);
        if (disposeSigners)
        {
            key.Dispose();
        }

        return made;
    }
}
