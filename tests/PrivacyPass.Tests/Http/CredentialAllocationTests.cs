using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

public sealed class CredentialAllocationTests
{
    public static TheoryData<string> Headers =>
    [
        $"PrivateToken token=\"{SampleTokens.Padded2}\"",
        $"PrivateToken token=\"{SampleTokens.Unpadded1}\" extensions=\"AAA\"",
        $"PrivateToken token=\"\\{SampleTokens.Padded2}\"",
        "PrivateToken token=\"AAI\"",
        "Preshared secret",
    ];

    [Theory]
    [MemberData(nameof(Headers))]
    public void Reading_credentials_allocates_nothing(string header)
    {
        var token = new byte[TokenSizes.LargestToken];
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 100; i++) Read(header, token);
        }));
    }

    private static void Read(string header, byte[] token)
    {
        if (PrivateTokenCredentials.TryRead(header, token, out var length) == PrivateTokenError.None) TokenView.TryRead(token.AsSpan(0, length), out _);
    }
}
