using System.Reflection;

namespace Watchword.Cryptography.Tests;

/// <summary>What holds of every type that owns a secret.</summary>
public sealed class SecretTypesTests
{
    private static readonly Type[] SecretTypes =
    [
        typeof(EccsiMasterKey), typeof(EccsiDerivationKey), typeof(EccsiSigningKey), typeof(SakkeMasterKey), typeof(SakkeReceiverKey),
        typeof(SecretOctets),
    ];

    [Fact]
    public void They_are_sealed_disposable_classes_without_equality_or_text_of_content()
    {
        foreach (Type type in SecretTypes)
        {
            type.IsSealed.ShouldBeTrue(type.Name);
            type.IsAssignableTo(typeof(IDisposable)).ShouldBeTrue(type.Name);
            type.GetMethod("Equals", [typeof(object)])!.DeclaringType.ShouldBe(typeof(object), type.Name);
            type.GetMethod("ToString", Type.EmptyTypes)!.DeclaringType.ShouldBe(typeof(object), type.Name);
        }
    }

    [Fact]
    public void Every_public_disposable_type_is_among_them() =>
        typeof(EccsiMasterKey).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(IDisposable)))
            .ShouldBeSubsetOf(SecretTypes);

    [Fact]
    public void Master_secrets_have_no_export_but_a_sealed_one()
    {
        foreach (Type type in new[] { typeof(EccsiMasterKey), typeof(EccsiDerivationKey), typeof(SakkeMasterKey) })
        {
            type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
                .Where(method => method.Name.Contains("Export", StringComparison.Ordinal))
                .Select(method => method.Name).ShouldBe(["ExportSealed"]);
        }
    }

    [Fact]
    public void Disposal_overwrites_the_octets()
    {
        SecretOctets secret = new([1, 2, 3]);
        Span<byte> view = secret.Span;
        secret.Dispose();
        view.ToArray().ShouldBe([0, 0, 0]);
    }

    [Fact]
    public void What_was_read_while_the_owner_was_disposed_is_not_used()
    {
        SecretOctets secret = new([1, 2, 3]);
        secret.RequireIntact();
        secret.Dispose();
        Should.Throw<ObjectDisposedException>(secret.RequireIntact);
        byte[] copy = [9, 9, 9];
        Should.Throw<ObjectDisposedException>(() => secret.CopyTo(copy));
        Should.Throw<ObjectDisposedException>(() => secret.Decode(out P256Scalar _));
        copy.ShouldBe([9, 9, 9]);
    }

    [Fact]
    public void No_arithmetic_type_holds_a_platform_integer() =>
        typeof(EccsiMasterKey).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .ShouldNotContain(field => field.FieldType == typeof(System.Numerics.BigInteger));
}
