using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Egress.Resolution;

namespace PrivacyProxy.Tests.Egress.Dialing;

/// <summary>Answers each family when the test wants.</summary>
internal sealed class TestResolver : IResolver
{
    private readonly TaskCompletionSource<AddressAnswer> _answer6 = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<AddressAnswer> _answer4 = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestResolver Answer6(params string[] addresses) => Answer(_answer6, AddressAnswer.Of([.. addresses.Select(IPAddress.Parse)]));

    public TestResolver Answer4(params string[] addresses) => Answer(_answer4, AddressAnswer.Of([.. addresses.Select(IPAddress.Parse)]));

    public TestResolver Answer6(AddressAnswer answer) => Answer(_answer6, answer);

    public TestResolver Answer4(AddressAnswer answer) => Answer(_answer4, answer);

    public ValueTask<AddressAnswer> ResolveAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
        new((family == AddressFamily.InterNetwork ? _answer4 : _answer6).Task.WaitAsync(cancellationToken));

    private TestResolver Answer(TaskCompletionSource<AddressAnswer> family, AddressAnswer answer)
    {
        family.SetResult(answer);
        return this;
    }
}
