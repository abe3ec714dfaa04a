namespace Watchword.KeyManagement.Tests;

public sealed class SecurityExtensionKeyTests
{
    [Fact]
    public void A_key_is_exported_as_it_was_imported()
    {
        byte[] octets = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using TransportKey transport = TransportKey.Import("tk.12.user@example.org", octets);
        using IntegrityKey integrity = IntegrityKey.Import("ink.12.user@example.org", octets);
        (transport.Id, integrity.Id).ShouldBe(("tk.12.user@example.org", "ink.12.user@example.org"));
        foreach (SecurityExtensionKey key in new SecurityExtensionKey[] { transport, integrity })
        {
            byte[] exported = new byte[SecurityExtensionKey.SizeInBytes];
            key.Export(exported);
            exported.ShouldBe(octets);
            key.ToString().ShouldBe(key.GetType().Name);
            Should.Throw<ArgumentException>(() => key.Export(new byte[31]));
        }
    }

    [Fact]
    public void A_generated_key_is_random()
    {
        using TransportKey first = TransportKey.Generate("tk.1");
        using TransportKey second = TransportKey.Generate("tk.1");
        byte[] a = new byte[32], b = new byte[32];
        first.Export(a);
        second.Export(b);
        a.ShouldNotBe(b);
        a.ShouldNotBe(new byte[32]);
    }

    [Fact]
    public void A_disposed_key_is_of_no_use()
    {
        TransportKey key = TransportKey.Generate("tk.1");
        using TransportKey other = TransportKey.Generate("tk.2");
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.Export(new byte[32]));
        Should.Throw<ObjectDisposedException>(() => WrappedKey.Wrap(other, key));
        Should.Throw<ObjectDisposedException>(() => WrappedKey.Wrap(key, other));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\u0000")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("\uffff")]
    public void An_id_that_XML_cannot_carry_is_refused(string id)
    {
        SecurityExtensionKey.IsId(id).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => TransportKey.Generate(id));
        Should.Throw<ArgumentException>(() => IntegrityKey.Import(id, new byte[32]));
    }

    [Fact]
    public void Lengths_are_checked()
    {
        TransportKey.Generate(new string('a', 256)).Dispose();
        Should.Throw<ArgumentException>(() => TransportKey.Generate("\ud800"));
        Should.Throw<ArgumentException>(() => TransportKey.Generate(new string('a', 257)));
        Should.Throw<ArgumentException>(() => TransportKey.Import("tk", new byte[31]));
        Should.Throw<ArgumentException>(() => IntegrityKey.Import("ink", new byte[33]));
    }
}
