using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

public sealed partial class KmsKeySet
{
    private static readonly ElementSet Children = new(
        "KmsUri", "CertUri", "Issuer", "UserUri", "UserID", "ValidFrom", "ValidTo", "KeyPeriodNo", "Revoked",
        "UserDecryptKey", "UserSigningKeySSK", "UserPubTokenPVT");

    internal static KmsKeySet Read(AnnexDReader reader)
    {
        reader.CheckVersion();
        string? kmsUri = null, certUri = null, issuer = null, userUri = null;
        UserId? userId = null;
        DateTimeOffset? validFrom = null, validTo = null;
        long periodNumber = 0;
        bool revoked = false, encrypted = false;

        KeyOctets keys = new();
        try
        {
            ElementCursor child = new(reader, Children);
            while (child.MoveNext())
            {
                switch (child.Current)
                {
                    case "KmsUri": kmsUri = reader.ReadUri(); break;
                    case "CertUri": certUri = reader.ReadUri(); break;
                    case "Issuer": issuer = reader.ReadString(); break;
                    case "UserUri": userUri = reader.ReadUri(); break;
                    case "UserID": userId = reader.ReadUserId(); break;
                    case "ValidFrom": validFrom = reader.ReadTime(); break;
                    case "ValidTo": validTo = reader.ReadTime(); break;
                    case "KeyPeriodNo": periodNumber = reader.ReadInteger(); break;
                    case "Revoked": revoked = reader.ReadBoolean(); break;
                    case "UserDecryptKey": encrypted |= ReadKey(reader, keys.ReceiverKey); break;
                    case "UserSigningKeySSK": encrypted |= ReadKey(reader, keys.SigningSecret); break;
                    case "UserPubTokenPVT": encrypted |= ReadKey(reader, keys.PublicToken); break;
                }
            }

            child.Require("KmsUri", "UserUri", "UserID", "KeyPeriodNo", "UserDecryptKey", "UserSigningKeySSK", "UserPubTokenPVT");
            return new KmsKeySet(kmsUri!, userUri!, userId!, periodNumber, keys)
            {
                CertUri = certUri,
                Issuer = issuer,
                ValidFrom = validFrom,
                ValidTo = validTo,
                Revoked = revoked,
                HasEncryptedKeys = encrypted,
            };
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    internal void Write(AnnexDWriter writer)
    {
        ObjectDisposedException.ThrowIf(_keys.IsDisposed, this);
        if (HasEncryptedKeys)
        {
            throw new InvalidOperationException("A key set whose keys came encrypted cannot be written again.");
        }

        writer.Start("KmsKeySet", AnnexDNames.KeySetVersion);
        writer.Text("KmsUri", KmsUri);
        writer.OptionalText("CertUri", CertUri);
        writer.OptionalText("Issuer", Issuer);
        writer.Text("UserUri", UserUri);
        writer.UserId("UserID", UserId);
        writer.OptionalTime("ValidFrom", ValidFrom);
        writer.OptionalTime("ValidTo", ValidTo);
        writer.Integer("KeyPeriodNo", KeyPeriodNumber);
        writer.Boolean("Revoked", Revoked);
        writer.KeyContent("UserDecryptKey", _keys.ReceiverKey);
        writer.KeyContent("UserSigningKeySSK", _keys.SigningSecret);
        writer.KeyContent("UserPubTokenPVT", _keys.PublicToken);
        writer.End();
    }

    /// <summary>True if the key stood there encrypted.</summary>
    private static bool ReadKey(AnnexDReader reader, byte[] destination) =>
        reader.ReadKeyContent(destination) == KeyContent.Encrypted;
}
