using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.Issuance;

namespace PrivacyPass.Tests.Issuance;

public sealed class IssuerDirectoryPropertyTests
{
    private static readonly Gen<DateTimeOffset?> _times =
        Gen.OneOf(Gen.Constant((DateTimeOffset?)null), Gen.Choose(0, int.MaxValue - 1).Select(s => (DateTimeOffset?)DateTimeOffset.FromUnixTimeSeconds(s)));

    private static readonly Gen<IssuerDirectoryKey> _keys =
        // Keys of types that are supported would have to be real ones.
        from type in Gen.Choose(0, ushort.MaxValue).Where(static type => !Enum.IsDefined((TokenType)type))
        from key in Gen.Choose(0, 255).Select(b => (byte)b).NonEmptyListOf()
        from notBefore in _times
        from notAfter in _times
        select new IssuerDirectoryKey((ushort)type, key.ToArray(), notBefore, notAfter);

    private static readonly Gen<IssuerDirectory> _directories =
        from uri in Gen.Elements("/request", "https://issuer.example/é?a=\"b\"&c", "r%20s")
        from keys in _keys.ListOf()
        select new IssuerDirectory(uri, keys.Take(IssuerDirectory.MaxKeys));

    [Property]
    public Property Every_directory_written_is_read_back_and_written_to_the_same_bytes() =>
        Prop.ForAll(_directories.ToArbitrary(), directory =>
        {
            var json = directory.WriteJson();
            var error = IssuerDirectory.TryParse(json, out var read);
            return error == IssuerDirectoryError.None && read!.IssuerRequestUri == directory.IssuerRequestUri
                && read.TokenKeys.SequenceEqual(directory.TokenKeys) && read.WriteJson().AsSpan().SequenceEqual(json);
        });

    [Fact]
    public void Every_truncation_is_not_JSON()
    {
        var json = new IssuerDirectory("/r", [new(7, new byte[] { 1 }, DateTimeOffset.UnixEpoch)]).WriteJson();
        for (var length = 0; length < json.Length; length++) Assert.Equal(IssuerDirectoryError.NotJson, IssuerDirectory.TryParse(json.AsSpan(0, length), out _));
    }

    [Property(MaxTest = 1000)]
    public Property A_directory_with_one_byte_changed_is_read_or_refused_but_never_throws() =>
        Prop.ForAll(_directories.ToArbitrary(), Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (directory, at, value) =>
        {
            var json = directory.WriteJson();
            json[at % json.Length] = (byte)value;
            return (IssuerDirectory.TryParse(json, out var read) == IssuerDirectoryError.None) == (read is not null);
        });

    [Theory]
    [InlineData("{\"\\ud800\":1,\"issuer-request-uri\":\"/r\",\"token-keys\":[]}")]
    [InlineData("{\"issuer-request-ur\\ud800\":1,\"issuer-request-uri\":\"/r\",\"token-keys\":[]}")]
    [InlineData("{\"issuer-request-uri\":\"/r\",\"token-keys\":[],\"token-key\\ud800\":1}")]
    [InlineData("{\"\\ud800ssuer-request-ur\":1,\"issuer-request-uri\":\"/r\",\"token-keys\":[]}")]
    [InlineData("{\"issuer-request-uri\":\"/r\",\"token-keys\":[{\"token-type\":2,\"token-key\":\"\\udc00\"}]}")]
    public void Escaped_lone_surrogates_never_throw(string json) =>
        Assert.True(Enum.IsDefined(IssuerDirectory.TryParse(Encoding.UTF8.GetBytes(json), out _)));

    [Property]
    public Property Random_bytes_are_never_a_directory() => Prop.ForAll<byte[]>(bytes =>
        IssuerDirectory.TryParse(bytes, out var directory) != IssuerDirectoryError.None && directory is null);
}
