using System.Diagnostics.CodeAnalysis;
using Watchword.Cryptography;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

public sealed partial class KmsCertificate
{
    private static readonly ElementSet Children = new(
        "CertUri", "KmsUri", "Issuer", "ValidFrom", "ValidTo", "Revoked", "UserIdFormat", "UserKeyPeriod", "UserKeyOffset",
        "PubEncKey", "PubAuthKey", "ParameterSet", "KmsDomainList");

    private static readonly ElementSet DomainChildren = new("KmsDomain*");

    private static readonly ElementSet SignedChildren = new("KmsCertificate", "ds:Signature");

    private static readonly ElementSet NextChildren = new("KmsCertificate");

    /// <summary>
    /// Reads a <c>SignedKmsCertificate</c>. No profile says whose key such a signature is made with, so it is noted and not
    /// checked.
    /// </summary>
    internal static KmsCertificate ReadSigned(AnnexDReader reader)
    {
        KmsCertificate? certificate = null;
        bool signed = false;
        ElementCursor child = new(reader, SignedChildren);
        while (child.MoveNext())
        {
            if (child.Current == "KmsCertificate")
            {
                certificate = Read(reader);
            }
            else
            {
                reader.SkipElement();
                signed = true;
            }
        }

        child.Require("KmsCertificate");
        certificate!.HasUnverifiedSignature = signed;
        return certificate;
    }

    /// <summary>Reads <c>w:NextKmsCertificate</c>.</summary>
    internal static KmsCertificate ReadNext(AnnexDReader reader)
    {
        KmsCertificate? certificate = null;
        ElementCursor child = new(reader, NextChildren);
        while (child.MoveNext())
        {
            certificate = Read(reader);
        }

        child.Require("KmsCertificate");
        return certificate!;
    }

    internal void WriteNext(AnnexDWriter writer)
    {
        writer.StartForeign("w", "NextKmsCertificate");
        Write(writer);
        writer.End();
    }

    internal static KmsCertificate Read(AnnexDReader reader)
    {
        reader.CheckVersion();
        KmsCertificateRole role = ReadRole(reader);
        bool? isSecurityGateway = ReadIsSecurityGateway(reader);
        string? certUri = null, kmsUri = null, issuer = null;
        DateTimeOffset? validFrom = null, validTo = null;
        bool revoked = false;
        long period = 0, offset = 0;
        SakkePublicKey? encryption = null;
        EccsiPublicKey? authentication = null;
        List<string> domains = [];

        ElementCursor child = new(reader, Children);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "CertUri": certUri = reader.ReadUri(); break;
                case "KmsUri": kmsUri = reader.ReadUri(); break;
                case "Issuer": issuer = reader.ReadString(); break;
                case "ValidFrom": validFrom = reader.ReadTime(); break;
                case "ValidTo": validTo = reader.ReadTime(); break;
                case "Revoked": revoked = reader.ReadBoolean(); break;
                case "UserIdFormat": Support(reader, reader.ReadString().Trim() == UserId.Format); break;
                case "UserKeyPeriod": period = ReadInteger(reader, minimum: 1); break;
                case "UserKeyOffset": offset = ReadInteger(reader, minimum: 0); break;
                case "PubEncKey": encryption = ReadEncryptionKey(reader); break;
                case "PubAuthKey": authentication = ReadAuthenticationKey(reader); break;
                case "ParameterSet": Support(reader, reader.ReadInteger() == SupportedParameterSet); break;
                case "KmsDomainList": ReadDomains(reader, domains); break;
            }
        }

        child.Require("KmsUri", "UserIdFormat", "UserKeyPeriod", "UserKeyOffset", "PubEncKey", "PubAuthKey");
        return new KmsCertificate
        {
            Role = role,
            IsSecurityGateway = isSecurityGateway,
            CertUri = certUri,
            KmsUri = kmsUri!,
            Issuer = issuer,
            ValidFrom = validFrom,
            ValidTo = validTo,
            Revoked = revoked,
            Schedule = offset < period
                ? new KeyPeriodSchedule(period, offset)
                : throw reader.Fail("UserKeyOffset", KeyManagementFormatFault.InvalidValue),
            PublicEncryptionKey = encryption!,
            PublicAuthenticationKey = authentication!,
            Domains = domains,
        };
    }

    internal void Write(AnnexDWriter writer)
    {
        writer.Start("KmsCertificate");
        if (IsSecurityGateway is bool gateway)
        {
            writer.Attribute("IsSecurityGateway", gateway ? "true" : "false");
        }

        writer.Attribute("Role", Role == KmsCertificateRole.Root ? "Root" : "External");
        writer.Attribute("Version", AnnexDNames.CertificateVersion);

        writer.OptionalText("CertUri", CertUri);
        writer.Text("KmsUri", KmsUri);
        writer.OptionalText("Issuer", Issuer);
        writer.OptionalTime("ValidFrom", ValidFrom);
        writer.OptionalTime("ValidTo", ValidTo);
        writer.Boolean("Revoked", Revoked);
        writer.Text("UserIdFormat", UserIdFormat);
        writer.Integer("UserKeyPeriod", Schedule.PeriodSeconds);
        writer.Integer("UserKeyOffset", Schedule.OffsetSeconds);
        writer.Hex("PubEncKey", PublicEncryptionKey.Export());
        writer.Hex("PubAuthKey", PublicAuthenticationKey.Export());
        writer.Integer("ParameterSet", ParameterSet);
        if (Domains.Count > 0)
        {
            writer.Start("KmsDomainList");
            foreach (string domain in Domains)
            {
                writer.Text("KmsDomain", domain);
            }

            writer.End();
        }

        writer.End();
    }

    private static KmsCertificateRole ReadRole(AnnexDReader reader) => reader.Attribute("Role") switch
    {
        "Root" => KmsCertificateRole.Root,
        "External" => KmsCertificateRole.External,
        null => throw reader.Fail("@Role", KeyManagementFormatFault.MissingElement),
        _ => throw reader.Fail("@Role", KeyManagementFormatFault.InvalidValue),
    };

    private static bool? ReadIsSecurityGateway(AnnexDReader reader) => reader.Attribute("IsSecurityGateway") switch
    {
        null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw reader.Fail("@IsSecurityGateway", KeyManagementFormatFault.InvalidValue),
    };

    private static long ReadInteger(AnnexDReader reader, long minimum)
    {
        long value = reader.ReadInteger();
        return value >= minimum ? value : throw reader.Fail(KeyManagementFormatFault.InvalidValue);
    }

    private static void Support(AnnexDReader reader, [DoesNotReturnIf(false)] bool supported)
    {
        if (!supported)
        {
            throw reader.Fail(KeyManagementFormatFault.UnsupportedVersion);
        }
    }

    private static SakkePublicKey ReadEncryptionKey(AnnexDReader reader)
    {
        byte[] octets = new byte[SakkePublicKey.SizeInBytes];
        reader.ReadHex(octets);
        return SakkePublicKey.TryImport(octets, out SakkePublicKey? key)
            ? key
            : throw reader.Fail(KeyManagementFormatFault.InvalidKey);
    }

    private static EccsiPublicKey ReadAuthenticationKey(AnnexDReader reader)
    {
        byte[] octets = new byte[EccsiPublicKey.SizeInBytes];
        reader.ReadHex(octets);
        return EccsiPublicKey.TryImport(octets, out EccsiPublicKey? key)
            ? key
            : throw reader.Fail(KeyManagementFormatFault.InvalidKey);
    }

    private static void ReadDomains(AnnexDReader reader, List<string> domains)
    {
        ElementCursor child = new(reader, DomainChildren);
        while (child.MoveNext())
        {
            domains.Add(reader.ReadUri());
        }

        child.Require("KmsDomain");
    }
}
