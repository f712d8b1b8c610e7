namespace PrivacyProxy.Commands.Demo;

/// <summary>A step did not do what it should; the message says what happened in its place.</summary>
internal sealed class DemoFailedException : Exception
{
    public DemoFailedException(string message) : base(message) { }

    public DemoFailedException(string message, Exception innerException) : base(message, innerException) { }

    public DemoFailedException() : this("The step failed.") { }
}
