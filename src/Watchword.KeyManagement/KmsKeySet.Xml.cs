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
        bool revoked = false;
        WrappedKey? receiverKey = null, signingSecret = null, publicToken = null;

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
                    case "UserDecryptKey": receiverKey = reader.ReadKeyContent(keys.ReceiverKey); break;
                    case "UserSigningKeySSK": signingSecret = reader.ReadKeyContent(keys.SigningSecret); break;
                    case "UserPubTokenPVT": publicToken = reader.ReadKeyContent(keys.PublicToken); break;
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
                _wrapped = WrappedKeys.Of(receiverKey, signingSecret, publicToken),
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
        if (_wrapped is { IsWhole: false })
        {
            throw new InvalidOperationException("A key set of which only some keys are wrapped cannot be written again.");
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
        WriteKey(writer, "UserDecryptKey", _keys.ReceiverKey, _wrapped?.ReceiverKey);
        WriteKey(writer, "UserSigningKeySSK", _keys.SigningSecret, _wrapped?.SigningSecret);
        WriteKey(writer, "UserPubTokenPVT", _keys.PublicToken, _wrapped?.PublicToken);
        writer.End();
    }

    private static void WriteKey(AnnexDWriter writer, string name, ReadOnlySpan<byte> key, WrappedKey? wrapped)
    {
        if (wrapped is null)
        {
            writer.KeyContent(name, key);
        }
        else
        {
            wrapped.Write(writer, name);
        }
    }
}
